import { type Comparison, concerns, runningOf, topicsOf } from '../comparison.ts';
import type { DocumentConfig } from '../config.ts';
import { GateError } from '../error.ts';
import type { Finding } from '../finding.ts';
import type { SchemaDocument } from '../json-schema/document.ts';
import { documentPair } from '../json-schema/document-pair.ts';
import { readable } from '../readable.ts';
import { type ChannelProblem, channelProblems } from './channels.ts';

/**
 * AsyncAPI: what a service receives may widen, what it sends may narrow; Avro is checked as Avro.
 */
export async function checkAsyncapi(comparison: Comparison): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const config of comparison.config.asyncapi) {
    const part = { format: 'asyncapi', file: config.file } as const;
    findings.push(...(await readable(comparison, part, () => checkDocument(comparison, config))));
  }
  return findings;
}

function checkDocument(comparison: Comparison, config: DocumentConfig): Finding[] {
  const { base } = comparison;
  const { file } = config;
  const pair = documentPair(comparison, file);
  if (pair === undefined) return [];
  if (pair.after === undefined) {
    const fix = `restore ${file}, or remove it from gate.yaml once it is unused`;
    const gone = { rule: 'document-removed', what: 'its document is gone', fix, path: [] };
    const problem = { ...gone, channel: file, direction: 'send', certain: true } as const;
    return [finding(comparison, config, undefined, problem)];
  }
  const [before, after] = [pair.before, pair.after].map(ofKnownVersion);
  if (before === undefined || after === undefined) return [];
  return channelProblems(before, after)
    .filter(({ channel }) => concerns(base, ownersOf(comparison, config, channel)))
    .map((problem) => finding(comparison, config, after, problem));
}

/** Other major versions have other keywords, so the check would find nothing and answer yes. */
function ofKnownVersion(document: SchemaDocument): SchemaDocument {
  const { asyncapi } = document.root;
  if (asyncapi === undefined || /^[23]\./.test(String(asyncapi))) return document;
  throw new GateError(`${document.file} is AsyncAPI ${asyncapi}, and the gate reads 2 and 3`, {
    file: document.path,
    fix: 'convert it: asyncapi convert',
  });
}

function ownersOf({ base }: Comparison, { provider }: DocumentConfig, channel: string): string[] {
  const topic = topicsOf(base.tree).topics.find(({ name }) => name === channel);
  return topic === undefined ? [provider] : [...topic.producers, ...topic.consumers];
}

function finding(
  comparison: Comparison,
  config: DocumentConfig,
  after: SchemaDocument | undefined,
  { rule, channel, what, fix, path, certain, direction }: ChannelProblem,
): Finding {
  const { base, head } = comparison;
  const topic = topicsOf(base.tree).topics.find(({ name }) => name === channel);
  const users = topic === undefined ? config.clients : runningOf(base, topic.consumers);
  return {
    format: 'asyncapi',
    subject: channel,
    rule: `asyncapi/${rule}`,
    file: config.file,
    line: after?.lineOf(path) ?? 1,
    causes: ownersOf(comparison, config, channel),
    breaks: users.length > 0 ? users : [`clients of ${channel}`],
    fails:
      direction === 'send'
        ? `cannot read what ${head.label} sends on ${channel}`
        : `cannot be understood by ${head.label} on ${channel}`,
    what,
    fix,
    certainty: certain ? 'breaks' : 'unknown',
  };
}
