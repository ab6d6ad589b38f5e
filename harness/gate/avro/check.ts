import { valueSubject } from '#contracts/spec/topics.ts';
import { type Comparison, concerns, type EarlierText, runningOf, topicsOf } from '../comparison.ts';
import type { Finding } from '../finding.ts';
import { Positions } from '../sources/position.ts';
import {
  avroProblems,
  type DirectedProblem,
  directionsOf,
  isTransitive,
  type Mode,
  promises,
} from './compatibility.ts';
import { brokenDefaults } from './defaults.ts';
import { messageAt } from './message-at.ts';
import { parseAvro } from './schema.ts';

interface Roles {
  readonly topic: string;
  readonly mode: Mode;
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}

/**
 * Avro: each subject under its own mode, against every earlier version if the mode is transitive.
 */
export async function checkAvro(comparison: Comparison): Promise<Finding[]> {
  const { base, head, config } = comparison;
  const { folder } = config.avro;
  const files = new Set([...base.tree.list(folder, '.avsc'), ...head.list(folder, '.avsc')]);
  const findings: Finding[] = [];
  for (const file of [...files].sort()) {
    const roles = rolesOf(comparison, file);
    findings.push(...(await checkFile(comparison, file, roles)));
    findings.push(...(await checkRegistered(comparison, file, roles)));
  }
  return findings;
}

function rolesOf({ base, head, config }: Comparison, file: string): Roles {
  const topic = file.slice(config.avro.folder.length + 1, -'.avsc'.length);
  // The old mode applies: a change must not weaken it for itself.
  const [promised, asked] = [base.tree, head].map((tree) => topicsOf(tree));
  const entry =
    promised?.topics.find(({ name }) => name === topic) ??
    asked?.topics.find(({ name }) => name === topic);
  return {
    topic,
    mode: entry?.compatibility ?? asked?.compatibilityDefault ?? 'FULL_TRANSITIVE',
    producers: entry?.producers ?? [],
    consumers: entry?.consumers ?? [],
  };
}

async function checkFile(comparison: Comparison, file: string, roles: Roles): Promise<Finding[]> {
  const { base, head } = comparison;
  const before = base.tree.read(file);
  const after = head.read(file);
  if (before === after) return [];
  if (after === undefined) return removed(comparison, file, roles);
  if (before === undefined) return added(file, after, roles);
  if (!concerns(base, [...roles.consumers, ...roles.producers])) return [];
  const direct = avroProblems(before, after, roles.mode, file).filter((problem) =>
    concernsDirection(comparison, roles, problem),
  );
  const findings = direct.map((problem) => finding(comparison, file, after, roles, problem));
  if (!isTransitive(roles.mode) || findings.length > 0) return findings;
  for (const earlier of await comparison.earlier(file)) {
    const problems = newProblems(earlier, before, after, roles.mode, file).filter((problem) =>
      concernsDirection(comparison, roles, problem),
    );
    findings.push(...problems.map((it) => finding(comparison, file, after, roles, it, earlier)));
  }
  return findings;
}

/** Forward problems need a running consumer, backward problems a running producer. */
const concernsDirection = (
  { base }: Comparison,
  { consumers, producers }: Roles,
  { direction }: DirectedProblem,
): boolean => concerns(base, direction === 'forward' ? consumers : producers);

/** Compares with a registry: its newest version, or all of them, and its mode. */
async function checkRegistered(
  comparison: Comparison,
  file: string,
  roles: Roles,
): Promise<Finding[]> {
  const { head, registered } = comparison;
  const after = head.read(file);
  if (registered === undefined || after === undefined) return [];
  const subject = valueSubject(roles.topic);
  const { versions, mode } = await registered(subject);
  if (versions.length === 0) return [];
  const compared = isTransitive(roles.mode) ? versions : versions.slice(-1);
  const findings = compared.flatMap(({ version, schema }) =>
    avroProblems(schema, after, roles.mode, file).map((problem) => {
      const earlier = { label: `version ${version} in the registry`, text: schema };
      return finding(comparison, file, after, roles, problem, earlier);
    }),
  );
  if (mode === undefined || promises(mode as Mode, roles.mode)) return findings;
  return [...findings, weakerRegistry(subject, file, mode, roles)];
}

const weakerRegistry = (
  subject: string,
  file: string,
  mode: string,
  { topic, mode: promised, consumers }: Roles,
): Finding => ({
  format: 'avro',
  subject,
  rule: 'avro/registry-mode-weaker',
  file,
  line: 1,
  causes: [],
  breaks: consumers.length > 0 ? consumers : [`readers of ${topic}`],
  fails: `cannot count on the registry for ${topic}`,
  what: `it keeps ${mode} where the topic table promises ${promised}`,
  fix: `PUT /config/${subject} {"compatibility": "${promised}"} at the registry`,
  certainty: 'unknown',
});

/** Problems that the base already has are not reported for this change. */
function newProblems(
  earlier: EarlierText,
  before: string,
  after: string,
  mode: Mode,
  file: string,
): DirectedProblem[] {
  const known = new Set(avroProblems(earlier.text, before, mode, file).map(({ what }) => what));
  return avroProblems(earlier.text, after, mode, file).filter(({ what }) => !known.has(what));
}

function finding(
  { base, head }: Comparison,
  file: string,
  text: string,
  roles: Roles,
  problem: DirectedProblem,
  earlier?: EarlierText,
): Finding {
  const forward = problem.direction === 'forward';
  const running = runningOf(base, roles.consumers);
  const readers = forward ? running : roles.consumers.map((name) => `the new ${name}`);
  const writers = base.services === 'all' ? [] : runningOf(base, roles.producers);
  const whose = earlier?.label ?? (writers.length > 0 ? writers.join(', ') : base.tree.label);
  const kind = messageAt(text, problem.path);
  const message = kind === undefined ? roles.topic : `${kind} on ${roles.topic}`;
  const unknown = problem.rule === 'avro/contradiction';
  return {
    format: 'avro',
    subject: valueSubject(roles.topic),
    rule: problem.rule,
    file,
    line: new Positions(text).lineOf(problem.path),
    causes: forward ? roles.producers : roles.consumers,
    breaks: readers.length > 0 ? readers : [`readers of ${roles.topic}`],
    fails: forward
      ? `cannot read ${message} of ${head.label}`
      : `cannot read ${message} as ${whose} wrote it`,
    what: problem.what,
    fix: problem.fix,
    certainty: unknown ? 'unknown' : 'breaks',
  };
}

function removed({ base, head }: Comparison, file: string, roles: Roles): Finding[] {
  if (directionsOf(roles.mode).length === 0 || !concerns(base, roles.consumers)) return [];
  return [
    {
      format: 'avro',
      subject: valueSubject(roles.topic),
      rule: 'avro/schema-removed',
      file,
      line: 1,
      causes: roles.producers,
      breaks: runningOf(base, roles.consumers),
      fails: `cannot get anything on ${roles.topic} from ${head.label}`,
      what: `the schema of ${roles.topic} is gone`,
      fix: 'remove the consumers first, then the topic, then its schema',
      certainty: 'breaks',
    },
  ];
}

function added(file: string, text: string, roles: Roles): Finding[] {
  return brokenDefaults(parseAvro(text, file)).map((problem) => ({
    format: 'avro',
    subject: valueSubject(roles.topic),
    rule: problem.rule,
    file,
    line: new Positions(text).lineOf(problem.path),
    causes: roles.consumers,
    breaks: roles.consumers.map((name) => `the new ${name}`),
    fails: `cannot read ${roles.topic}`,
    what: problem.what,
    fix: problem.fix,
    certainty: 'breaks',
  }));
}
