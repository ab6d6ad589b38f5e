import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { GateError } from '../error.ts';

const BUF_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;
/** `buf` found something, as opposed to `buf` failed. */
const EXIT_FOUND = 100;

/** One thing that `buf breaking` found. */
export interface BufFinding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/**
 * What Buf says about a change of a module. Throws a {@link GateError} when it does not compile.
 */
export async function bufBreaking(
  folder: string,
  against: string,
  rules: readonly string[],
  modules: { readonly now: readonly string[]; readonly old: readonly string[] } = WHOLE_FOLDERS,
): Promise<BufFinding[]> {
  const configs = [
    ...['--config', configOf(modules.now, rules)],
    ...['--against-config', configOf(modules.old, rules)],
  ];
  const done = await buf([
    'breaking',
    folder,
    '--against',
    against,
    ...configs,
    '--error-format',
    'json',
  ]);
  if (done.exitCode === 0) return [];
  const findings = String(done.stdout)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(toFinding);
  const broken = findings.find(({ rule }) => rule === 'COMPILE');
  if (broken !== undefined || done.exitCode !== EXIT_FOUND) throw doesNotCompile(done, broken);
  return findings;
}

const WHOLE_FOLDERS = { now: ['.'], old: ['.'] } as const;

const configOf = (modules: readonly string[], rules?: readonly string[]): string =>
  JSON.stringify({
    version: 'v2',
    modules: modules.map((path) => ({ path })),
    ...(rules && { breaking: { use: rules } }),
  });

/** The module's descriptors, as Buf compiles them. */
export async function bufBuild(
  folder: string,
  modules: readonly string[] = ['.'],
): Promise<FileRegistry> {
  const format = ['--error-format', 'json', '-o', '-#format=binpb'];
  const done = await buf(['build', folder, '--config', configOf(modules), ...format], true);
  if (done.exitCode !== 0) {
    const [first] = Buffer.from(done.stderr as Uint8Array)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'));
    throw doesNotCompile(done, first === undefined ? undefined : toFinding(first));
  }
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, done.stdout as Uint8Array));
}

function buf(args: readonly string[], binary = false) {
  return execa('buf', args, {
    preferLocal: true,
    localDir: PACKAGE_ROOT,
    encoding: binary ? 'buffer' : 'utf8',
    reject: false,
    timeout: BUF_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
}

function toFinding(line: string): BufFinding {
  const raw = JSON.parse(line) as {
    path?: string;
    start_line?: number;
    type: string;
    message: string;
  };
  return {
    path: raw.path ?? '',
    line: raw.start_line ?? 1,
    rule: raw.type,
    message: raw.message,
  };
}

function doesNotCompile(
  done: { readonly stderr: unknown },
  found: BufFinding | undefined,
): GateError {
  if (found !== undefined) {
    const path = found.path.replace(/^.*\/sagaproof-proto-[^/]+\/(module|imports)\//, '');
    return new GateError(`${path}:${found.line} is not protobuf: ${found.message}`, {
      file: `${path}:${found.line}`,
      fix: 'list all problems with: buf build',
    });
  }
  const text =
    done.stderr instanceof Uint8Array ? Buffer.from(done.stderr).toString() : done.stderr;
  return new GateError(
    `buf failed: ${String(text ?? '').trim() || 'no message; is @bufbuild/buf installed?'}`,
  );
}
