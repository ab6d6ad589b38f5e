import { type Comparison, concerns, type EarlierText, runningOf } from '../comparison.ts';
import type { AvroSource } from '../config.ts';
import type { Finding } from '../finding.ts';
import { readable } from '../readable.ts';
import { Positions } from '../sources/position.ts';
import { callProblems } from './calls.ts';
import {
  avroProblems,
  type DirectedProblem,
  directionsOf,
  isTransitive,
  type Mode,
  promises,
} from './compatibility.ts';
import { brokenDefaults } from './defaults.ts';
import { AvroLibrary, type AvroSubject } from './library.ts';
import { messageAt } from './message-at.ts';
import { avscRefusal } from './oracle.ts';
import { movedTo, type Roles, rolesOf } from './roles.ts';
import { parseAvro } from './schema.ts';

/** A schema in both versions. */
interface Pair {
  readonly file: string;
  readonly before: AvroSubject | undefined;
  readonly after: AvroSubject | undefined;
  readonly library: AvroLibrary;
  readonly roles: Roles;
}

/**
 * Avro: each subject under its own mode, against every earlier version if the mode is transitive.
 */
export async function checkAvro(comparison: Comparison): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of comparison.config.avro) {
    findings.push(
      ...(await readable(comparison, { format: 'avro', file: source.folder }, () =>
        checkSource(comparison, source),
      )),
    );
  }
  return findings;
}

async function checkSource(comparison: Comparison, source: AvroSource): Promise<Finding[]> {
  const { base, head, config } = comparison;
  const { folder } = source;
  const others = config.avro.map((other) => other.folder).filter((other) => other !== folder);
  const [old, now] = [base.tree, head].map((tree) => new AvroLibrary(tree, folder, others));
  if (old === undefined || now === undefined) return [];
  const ids = new Set([...old.subjects.keys(), ...now.subjects.keys()]);
  for (const id of ids) {
    const [was, is] = [old, now].map(({ subjects }) => subjects.get(id)?.text);
    comparison.compared?.(id, was !== is);
  }
  const findings: Finding[] = callProblems(comparison, folder);
  for (const id of [...ids].sort()) {
    const [before, after] = [old.subjects.get(id), movedTo(now, old.subjects.get(id), id, source)];
    const file = after?.file ?? before?.file ?? id;
    const roles = rolesOf(comparison, source, after ?? before);
    const pair = { file, before, after, library: old, roles };
    findings.push(...(await checkPair(comparison, pair)));
    findings.push(...(await checkRegistered(comparison, pair)));
  }
  return findings;
}

async function checkPair(comparison: Comparison, pair: Pair): Promise<Finding[]> {
  const { base } = comparison;
  const { file, roles, library } = pair;
  const [before, after] = [pair.before?.text, pair.after?.text];
  if (before === after) return [];
  if (after === undefined) return removed(comparison, file, roles);
  return readable(comparison, { format: 'avro', file }, async () => {
    if (before === undefined) return added(file, after, roles);
    if (!concerns(base, [...roles.consumers, ...roles.producers])) return [];
    const direct = avroProblems(before, after, roles.mode, file, roles.names).filter((problem) =>
      concernsDirection(comparison, roles, problem),
    );
    const findings = direct.map((problem) => finding(comparison, file, after, roles, problem));
    if (findings.length === 0) noteNames(comparison, { file, before, after, roles });
    if (!isTransitive(roles.mode) || findings.length > 0) return findings;
    for (const { label, text } of await comparison.earlier(file)) {
      const earlier = { label, text: library.written(text) };
      const problems = newProblems(earlier, before, after, roles, file).filter((problem) =>
        concernsDirection(comparison, roles, problem),
      );
      findings.push(...problems.map((it) => finding(comparison, file, after, roles, it, earlier)));
    }
    return findings;
  });
}

/** A type that only moved to another namespace: not every reader follows the specification. */
function noteNames(
  { note }: Comparison,
  { file, before, after, roles }: Pick<Pair, 'file' | 'roles'> & Record<'before' | 'after', string>,
): void {
  if (roles.names === 'full') return;
  const byFullName = avroProblems(before, after, roles.mode, file, 'full');
  for (const { what } of byFullName.filter(({ rule }) => rule === 'avro/name-changed')) {
    note?.(
      `${file}: ${what}. Readers that follow the specification (Java, Python, C#) ignore the namespace; those that compare full names (avsc, goavro) fail. For them, write names: full in gate.yaml.`,
    );
  }
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
  { file, after: schema, roles }: Pair,
): Promise<Finding[]> {
  const { registered } = comparison;
  const after = schema?.text;
  if (registered === undefined || after === undefined) return [];
  const { subject } = roles;
  const { versions, mode } = await registered(subject);
  if (versions.length === 0) return [];
  const compared = isTransitive(roles.mode) ? versions : versions.slice(-1);
  const findings = compared.flatMap(({ version, schema }) =>
    avroProblems(schema, after, roles.mode, file, roles.names).map((problem) => {
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

/**
 * Problems that the base already has are not reported for this change. A text that is no schema
 * was never written with.
 */
function newProblems(
  earlier: EarlierText,
  before: string,
  after: string,
  { mode, names }: Roles,
  file: string,
): DirectedProblem[] {
  if (avscRefusal(earlier.text) !== undefined) return [];
  const known = new Set(
    avroProblems(earlier.text, before, mode, file, names).map(({ what }) => what),
  );
  const found = avroProblems(earlier.text, after, mode, file, names);
  return found.filter(({ what }) => !known.has(what));
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
    subject: roles.subject,
    rule: problem.rule,
    file,
    line: new Positions(text).lineOf(problem.path),
    causes: forward ? roles.producers : roles.consumers,
    breaks: named(readers, roles.topic),
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
      subject: roles.subject,
      rule: 'avro/schema-removed',
      file,
      line: 1,
      causes: roles.producers,
      breaks: named(runningOf(base, roles.consumers), roles.topic),
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
    subject: roles.subject,
    rule: problem.rule,
    file,
    line: new Positions(text).lineOf(problem.path),
    causes: roles.consumers,
    breaks: named(
      roles.consumers.map((name) => `the new ${name}`),
      roles.topic,
    ),
    fails: `cannot read ${roles.topic}`,
    what: problem.what,
    fix: problem.fix,
    certainty: 'breaks',
  }));
}

const named = (readers: readonly string[], topic: string): readonly string[] =>
  readers.length > 0 ? readers : [`readers of ${topic}`];
