import { join, relative, sep } from 'node:path';
import type { FileRegistry } from '@bufbuild/protobuf';
import { type Comparison, concerns, runningOf } from '../comparison.ts';
import type { GateConfig } from '../config.ts';
import type { Finding } from '../finding.ts';
import { sameFiles } from '../sources/tree.ts';
import { type BufFinding, bufBreaking, bufBuild } from './buf.ts';
import { fixFor } from './fixes.ts';
import { sameOnTheWire, type WireProblem, wireProblems } from './wire.ts';

/** Protobuf: Buf's rules without harmless violations, plus rules for what Buf does not see. */
export async function checkProtobuf(comparison: Comparison): Promise<Finding[]> {
  const { base, head, config } = comparison;
  const { module, rules } = config.protobuf;
  if (sameFiles(base.tree, head, module, '.proto')) return [];
  if (base.tree.list(module, '.proto').length === 0) return [];
  if (head.list(module, '.proto').length === 0) return [moduleRemoved(comparison)];
  const [folder, against] = [join(head.root, module), join(base.tree.root, module)];
  const [found, before, after] = await Promise.all([
    bufBreaking(folder, against, rules),
    bufBuild(against),
    bufBuild(folder),
  ]);
  const serious = found.filter((finding) => !isHarmless(finding, before, after));
  const own = wireProblems(before, after).filter(
    ({ field }) =>
      !serious.some(({ message }) => /type from/.test(message) && message.includes(`"${field}"`)),
  );
  return [
    ...serious.map((finding) => fromBuf(comparison, finding, after)),
    ...own.map((problem) => fromWire(comparison, problem, after)),
  ].filter((finding): finding is Finding => finding !== undefined);
}

/** Rules that the descriptors decide more exactly: see `wire.ts`, and the JSON name's rule. */
const ANSWERED_BY_US = new Set(['FIELD_SAME_ONEOF', 'FIELD_SAME_NAME']);

/** A type that was only renamed: its bytes and its JSON are the same. */
function isHarmless(finding: BufFinding, before: FileRegistry, after: FileRegistry): boolean {
  if (ANSWERED_BY_US.has(finding.rule)) return true;
  // To promise that a call may be repeated, where nothing was promised, breaks no caller.
  if (
    finding.rule === 'RPC_SAME_IDEMPOTENCY_LEVEL' &&
    /from "?IDEMPOTENCY_UNKNOWN/.test(finding.message)
  ) {
    return true;
  }
  const types = /(?:type|type name) from "([^"]+)" to "([^"]+)"/.exec(finding.message);
  const [old, now] = [before.getMessage(types?.[1] ?? ''), after.getMessage(types?.[2] ?? '')];
  return old !== undefined && now !== undefined && sameOnTheWire(old, now);
}

function fromBuf(
  comparison: Comparison,
  { path, line, rule, message }: BufFinding,
  after: FileRegistry,
): Finding | undefined {
  const { head, base, config } = comparison;
  const file = fileOf(head.root, base.tree.root, path, config);
  const inModule = file.slice(config.protobuf.module.length + 1);
  const pkg = [...after.files].find(({ name }) => `${name}.proto` === inModule)?.proto.package;
  const start = message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const what = start.replace(/\. See https.*$|\.$/, '');
  const kebab = rule.toLowerCase().replaceAll('_', '-');
  return finding(comparison, pkg ?? file, {
    rule: `protobuf/${kebab}`,
    file,
    line,
    what,
    fix: fixFor(rule),
  });
}

function fromWire(
  comparison: Comparison,
  problem: WireProblem,
  after: FileRegistry,
): Finding | undefined {
  const file = after.getMessage(problem.message)?.file;
  const path = `${comparison.config.protobuf.module}/${file?.name ?? ''}.proto`;
  return finding(comparison, file?.proto.package ?? path, {
    rule: problem.rule,
    file: path,
    line: lineOfField(comparison.head.read(path) ?? '', problem),
    what: problem.what,
    fix: problem.fix,
  });
}

/** Descriptors have no lines: search for the message, then for the field. */
function lineOfField(text: string, { message, field }: WireProblem): number {
  const lines = text.split('\n');
  const name = message.slice(message.lastIndexOf('.') + 1);
  const start = lines.findIndex((line) => new RegExp(`\\bmessage\\s+${name}\\b`).test(line));
  const declared = new RegExp(`\\b${field}\\s*=`);
  const offset = lines.slice(Math.max(start, 0)).findIndex((line) => declared.test(line));
  return Math.max(start, 0) + Math.max(offset, 0) + 1;
}

function finding(
  { base, head, config }: Comparison,
  pkg: string,
  problem: Pick<Finding, 'rule' | 'file' | 'line' | 'what' | 'fix'>,
): Finding | undefined {
  const provider = config.packages[pkg] ?? pkg.split('.').at(-2) ?? pkg;
  const callers = config.callers[provider];
  if (!concerns(base, callers === undefined ? [] : [...callers, provider])) return undefined;
  const running = runningOf(base, callers ?? []);
  return {
    format: 'protobuf',
    subject: pkg,
    ...problem,
    causes: [provider, ...(callers ?? [])],
    breaks: running.length > 0 ? running : [`clients of ${pkg}`],
    fails: `cannot exchange ${pkg} messages with ${head.label}`,
    certainty: 'breaks',
  };
}

function moduleRemoved({ head, config }: Comparison): Finding {
  const { module } = config.protobuf;
  return {
    format: 'protobuf',
    subject: module,
    rule: 'protobuf/module-removed',
    file: module,
    line: 1,
    causes: [],
    breaks: ['every gRPC client'],
    fails: `cannot call anything of ${head.label}`,
    what: `${module} has no .proto file any more`,
    fix: 'restore the module, or name its folder in contracts/gate.yaml (protobuf.module)',
    certainty: 'breaks',
  };
}

function fileOf(head: string, base: string, path: string, config: GateConfig): string {
  if (path === '') return config.protobuf.module;
  for (const root of [head, base]) {
    const inside = relative(root, path).split(sep).join('/');
    if (!inside.startsWith('..')) return inside;
  }
  return path;
}
