import type { FileRegistry } from '@bufbuild/protobuf';
import { type Comparison, concerns, runningOf } from '../comparison.ts';
import type { ProtobufModule } from '../config.ts';
import { GateError } from '../error.ts';
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
  const [before, after] = await Promise.all([compiled(old), compiled(now)]);
  const modules = { now: now.modules, old: old.modules };
  const found = await bufBreaking(now.folder, old.folder, rules, modules);
  noteMissing(comparison, module, now);
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
  const isReported = ({ name }: LostType): boolean =>
    serious.some(
      ({ rule, message }) => /SERVICE_NO_DELETE/.test(rule) && message.includes(`"${name}"`),
    );
  const lost = lostTypes(before, after, old.files).filter((it) => !isReported(it));
  return [
    ...unknownImports(whole),
    ...serious.map((it) => fromBuf(whole, it)),
    ...own.map((problem) => fromWire(whole, problem)),
    ...lost.map((problem) => fromLost(whole, problem)),
  ].filter((it): it is Finding => it !== undefined);
}

const TYPES_MAX = 50;

/** Compiles a module; types of imports that are missing are declared as they are asked for. */
async function compiled(workspace: Workspace): Promise<FileRegistry> {
  for (let count = 0; count < TYPES_MAX; count += 1) {
    try {
      return await bufBuild(workspace.folder, workspace.modules);
    } catch (error) {
      const name = /cannot find `([\w.]+)`/.exec((error as Error).message)?.[1];
      if (name === undefined || !workspace.declare(name.replace(/^\./, ''))) throw error;
    }
  }
  throw new GateError(`more than ${TYPES_MAX} types of missing imports are used`, {
    fix: VENDOR_FIX,
  });
}

const VENDOR_FIX =
  'vendor the imports: buf export <module> -o third_party, and list third_party under protobuf.imports';

/** Types of missing imports are the same in both versions, unless Buf locks other versions. */
function unknownImports({ comparison, module, now, old }: Module): Array<Finding | undefined> {
  if (now.unknownTypes.size === 0 && old.unknownTypes.size === 0) return [];
  const locks = [comparison.base.tree, comparison.head].map((tree) =>
    [inModule(module, 'buf.lock'), 'buf.lock'].map((path) => tree.read(path)).find(Boolean),
  );
  if (locks[0] === locks[1]) return [];
  const names = [...now.unknownTypes].join(', ');
  const found = finding(comparison, module, {
    rule: 'protobuf/import-changed',
    file: 'buf.lock',
    line: 1,
    what: `the versions of imports have changed, and the repository does not have ${names}`,
    fix: VENDOR_FIX,
  });
  return found === undefined ? [] : [{ ...found, certainty: 'unknown' }];
}

const isOwn = ({ after, now }: Module, message: string): boolean =>
  now.files.has(`${after.getMessage(message)?.file.name}.proto`);

function noteMissing({ note }: Comparison, module: string, workspace: Workspace): void {
  const { missing, unknownTypes } = workspace;
  if (missing.length === 0) return;
  if (unknownTypes.size > 0) {
    note?.(
      `${module} uses ${[...unknownTypes].join(', ')}, which the repository does not have: they count as unchanged.`,
    );
  }
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
