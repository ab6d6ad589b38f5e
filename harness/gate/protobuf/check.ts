import type { FileRegistry } from '@bufbuild/protobuf';
import { type Comparison, concerns, runningOf } from '../comparison.ts';
import type { ProtobufModule } from '../config.ts';
import type { Finding } from '../finding.ts';
import { readable } from '../readable.ts';
import { sameFiles } from '../sources/tree.ts';
import { type BufFinding, bufBreaking, bufBuild } from './buf.ts';
import { fixFor } from './fixes.ts';
import { type LostType, lostTypes } from './lost.ts';
import { sameOnTheWire, type WireProblem, wireProblems } from './wire.ts';
import { type Workspace, workspaceOf } from './workspace.ts';

/** One module in both versions, as Buf sees it. */
interface Module {
  readonly comparison: Comparison;
  readonly module: string;
  readonly now: Workspace;
  readonly old: Workspace;
  readonly before: FileRegistry;
  readonly after: FileRegistry;
}

/** Protobuf: Buf's rules without harmless violations, plus rules for what Buf does not see. */
export async function checkProtobuf(comparison: Comparison): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of comparison.config.protobuf) {
    const part = { format: 'protobuf', file: source.module } as const;
    findings.push(...(await readable(comparison, part, () => checkModule(comparison, source))));
  }
  return findings;
}

async function checkModule(comparison: Comparison, source: ProtobufModule): Promise<Finding[]> {
  const { base, head, config } = comparison;
  const { module, rules } = source;
  const [had, has] = [base.tree, head].map((tree) => tree.list(module, '.proto').length > 0);
  const others = config.protobuf.filter((other) => other !== source);
  const folders = [module, ...source.imports, ...others.map((other) => other.module)];
  const isSame = folders.every((folder) => sameFiles(base.tree, head, folder, '.proto'));
  if (had || has) comparison.compared?.(module, !isSame);
  if (!had || isSame) return [];
  if (!has) return [moduleRemoved(comparison, module)];
  using now = workspaceOf(head, source, others);
  using old = workspaceOf(base.tree, source, others);
  noteMissing(comparison, module, now);
  const [found, before, after] = await Promise.all([
    bufBreaking(now.folder, old.folder, rules, { now: now.modules, old: old.modules }),
    bufBuild(old.folder, old.modules),
    bufBuild(now.folder, now.modules),
  ]);
  const whole: Module = { comparison, module, now, old, before, after };
  const serious = found
    .filter(({ path }) => !path.includes('/imports/'))
    .filter((it) => !isHarmless(it, before, after));
  const own = wireProblems(before, after)
    .filter(({ message }) => isOwn(whole, message))
    .filter(
      ({ field }) =>
        !serious.some(({ message }) => /type from/.test(message) && message.includes(`"${field}"`)),
    );
  const lost = lostTypes(before, after, old.files);
  return [
    ...serious.map((it) => fromBuf(whole, it)),
    ...own.map((problem) => fromWire(whole, problem)),
    ...lost.map((problem) => fromLost(whole, problem)),
  ].filter((it): it is Finding => it !== undefined);
}

const isOwn = ({ after, now }: Module, message: string): boolean =>
  now.files.has(`${after.getMessage(message)?.file.name}.proto`);

function noteMissing({ note }: Comparison, module: string, { missing }: Workspace): void {
  if (missing.length === 0) return;
  note?.(
    `${module} imports ${missing.join(', ')}, which the repository does not have. Custom options of these files were left out: they change neither bytes nor JSON.`,
  );
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
  { comparison, now, after }: Module,
  { path, line, rule, message }: BufFinding,
): Finding | undefined {
  const file = now.pathOf(path);
  const pkg = [...after.files].find(({ name }) => path.endsWith(`/${name}.proto`))?.proto.package;
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
  { comparison, module, after }: Module,
  problem: WireProblem,
): Finding | undefined {
  const file = after.getMessage(problem.message)?.file;
  const path = inModule(module, `${file?.name ?? ''}.proto`);
  return finding(comparison, file?.proto.package ?? path, {
    rule: problem.rule,
    file: path,
    line: lineOfField(comparison.head.read(path) ?? '', problem),
    what: problem.what,
    fix: problem.fix,
  });
}

const inModule = (module: string, name: string): string =>
  module === '.' || module === '' ? name : `${module}/${name}`;

function fromLost({ comparison, module }: Module, lost: LostType): Finding | undefined {
  const { rule, file, what, fix } = lost;
  const place = { rule, file: inModule(module, file), line: 1, what, fix };
  return finding(comparison, lost.package, place);
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

function moduleRemoved({ head }: Comparison, module: string): Finding {
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
    fix: 'restore the module, or name its folder in gate.yaml (protobuf.module)',
    certainty: 'breaks',
  };
}
