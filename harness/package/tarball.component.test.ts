import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, packageAsset } from '../kernel/package-assets.ts';
import {
  PACKED_BYTES_MAX,
  type PackedPackage,
  packPackage,
  UNPACKED_BYTES_MAX,
} from './pack-package.ts';

/**
 * The package as its users get it: packed, installed by npm into an empty folder outside the
 * repository, and asked for what its documentation promises.
 */
const INSTALL_TIMEOUT_MS = 300_000;
/** A boot on a busy machine, one scenario, and settling. */
const RUN_TIMEOUT_MS = 300_000;
const SUBJECT = packageAsset('examples/auth/sagaproof.service.yaml');
const UNPRIVILEGED_ID = 65_534;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sagaproof-tarball-')));
const user = join(folder, 'user');
const installed = join(user, 'node_modules', 'sagaproof');
let packed: PackedPackage;

const inUser = {
  cwd: user,
  reject: false,
  env: { SAGAPROOF_RUNS_DIR: undefined, NO_COLOR: '1' },
} as const satisfies Options;
const sagaproof = (...args: readonly string[]) =>
  execa('npx', ['--no-install', 'sagaproof', ...args], inUser);
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(user, path)), { recursive: true });
  writeFileSync(join(user, path), text);
};

/** Changes with the content of any file of a folder. */
function contentOf(root: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

beforeAll(async () => {
  chmodSync(folder, 0o755);
  packed = await packPackage(join(folder, 'packed'));
  mkdirSync(user);
  put('package.json', '{ "name": "user", "private": true, "type": "module" }');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await execa('npm', ['install', '--save-dev', ...quiet, packed.tarball], { cwd: user });
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('is within its budget', () => {
    expect(packed.packedBytes).toBeLessThan(PACKED_BYTES_MAX);
    expect(packed.unpackedBytes).toBeLessThan(UNPACKED_BYTES_MAX);
  });

  it('has no test, no fixture, no path of the machine that built it, and no private dependency', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((path) => /\.test\.|testkit|fixtures/.test(path))).toEqual([]);
    const texts = files.filter((path) => /\.([cm]?js|json|ya?ml|d\.ts)$/.test(path));
    const leaks = texts.filter((path) =>
      readFileSync(join(installed, path), 'utf8').includes(PACKAGE_ROOT),
    );
    expect(leaks).toEqual([]);
    expect(readFileSync(join(installed, 'package.json'), 'utf8')).not.toContain('vitest"');
  });

  it('is the same when it is built again', async () => {
    const again = await packPackage(join(folder, 'again'));
    const bytes = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(bytes(again.tarball)).toBe(bytes(packed.tarball));
  });

  it('passes publint and arethetypeswrong', async () => {
    const local = { preferLocal: true, localDir: PACKAGE_ROOT, reject: false, all: true } as const;
    const [lint, types] = await Promise.all([
      execa('publint', [installed, '--strict'], local),
      execa('attw', [packed.tarball, '--profile', 'esm-only', '--no-emoji'], local),
    ]);
    expect(lint.exitCode, lint.all).toBe(0);
    expect(types.exitCode, types.all).toBe(0);
  });
});

describe('in a repository of a user', () => {
  let before: string;
  beforeAll(() => {
    before = contentOf(installed);
  });

  it('init writes a configuration, a scenario and an invariant, which type-check', async () => {
    const { stdout, exitCode } = await sagaproof('init', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      written: [
        'sagaproof.config.ts',
        'sagaproof/scenarios/order-is-approved.ts',
        'sagaproof/invariants/requests-answered-in-time.ts',
        '.gitignore',
      ],
    });
    const checked = await execa(
      'tsc',
      [
        ...['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2024'],
        ...['--module', 'nodenext', '--types', 'node'],
        ...['--typeRoots', join(PACKAGE_ROOT, 'node_modules/@types')],
        ...JSON.parse(stdout).written.filter((path: string) => path.endsWith('.ts')),
      ],
      { ...inUser, preferLocal: true, localDir: PACKAGE_ROOT, all: true },
    );
    expect(checked.exitCode, checked.all).toBe(0);
  });

  it('the command explains itself, and names itself as it is installed', async () => {
    const { stdout, exitCode } = await sagaproof('--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('npx sagaproof verify');
    expect(stdout).not.toContain('pnpm sagaproof');
  });

  it('doctor finds every component', async () => {
    const { stdout, exitCode } = await sagaproof('doctor', '--json');
    expect(exitCode, stdout).toBe(0);
    expect(JSON.parse(stdout).components.length).toBeGreaterThan(5);
  });

  it('scenarios of the user are listed with ours', async () => {
    const { stdout } = await sagaproof('scenario', '--list', '--json');
    const { scenarios } = JSON.parse(stdout);
    expect(scenarios).toEqual(expect.arrayContaining(['happy-path', 'order-is-approved']));
  });

  it('a typing error in the configuration is reported with its line and what was meant', async () => {
    put('wrong.config.ts', 'export default {\n  subjects: [],\n  scenarois: [],\n};\n');
    const { stderr, exitCode } = await sagaproof(
      'scenario',
      '--list',
      '--config',
      'wrong.config.ts',
    );
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/wrong\.config\.ts:3: there is no scenarois; did you mean scenarios\?/);
    put('wrong.config.ts', 'export default {\n  subjects: [,\n};\n');
    const syntax = await sagaproof('scenario', '--list', '--config', 'wrong.config.ts');
    expect(syntax.exitCode).toBe(2);
    expect(syntax.stderr).toMatch(/wrong\.config\.ts:\d+ cannot be loaded/);
  });

  it('the gate refuses a breaking change of a schema', async () => {
    const git = (...args: readonly string[]) =>
      execa('git', ['-c', 'user.name=u', '-c', 'user.email=u@example.org', ...args], {
        cwd: user,
      });
    const schema = 'proto/shop/v1/shop.proto';
    const message = (field: string) =>
      `syntax = "proto3";\npackage shop.v1;\nmessage Item {\n  ${field} name = 1;\n}\n`;
    put(schema, message('string'));
    put('proto/buf.yaml', 'version: v2\n');
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('add', 'proto', '.gitignore', 'package.json');
    await git('commit', '--quiet', '--message', 'first');
    const unchanged = await sagaproof('gate', '--json');
    expect(unchanged.exitCode, unchanged.stdout).toBe(0);
    put(schema, message('int64'));
    const changed = await sagaproof('gate', '--json');
    expect(changed.exitCode, changed.stdout).toBe(1);
    expect(changed.stdout).toContain(schema);
  });

  it("a scenario of the user's runs with a subject, and their invariants are checked", {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    const run = await sagaproof('scenario', 'order-is-approved', '--subject', SUBJECT, '--json');
    const verdict = JSON.parse(run.stdout);
    expect(verdict.scenarios, run.stderr).toMatchObject([
      { name: 'order-is-approved', outcome: 'passed' },
    ]);
    expect(verdict.invariants).toContainEqual(
      expect.objectContaining({ name: 'requests-answered-in-time', verdict: 'valid' }),
    );
    const broken = verdict.invariants.filter(
      ({ verdict: one }: { verdict: string }) => one === 'invalid',
    );
    expect(broken).toEqual([]);
    expect(existsSync(join(user, 'runs', 'latest', 'report.html'))).toBe(true);
  });

  it('an invariant of the user that is violated makes the verdict invalid, by name', async () => {
    put(
      'sagaproof/invariants/no-order-is-approved.ts',
      `import { defineInvariant, Findings } from 'sagaproof';
export default defineInvariant({
  name: 'no-order-is-approved',
  promise: 'No order is approved.',
  needs: ['websocket'],
  reads: ['ws'],
  start() {
    const findings = new Findings();
    return {
      observe(event) {
        findings.look();
        if (JSON.stringify(event).includes('SUCCEEDED')) {
          findings.violate(() => 'An order was approved.', event.index);
        }
      },
      finish: () => findings.finding(),
    };
  },
});
`,
    );
    const { stdout, exitCode } = await sagaproof('check', 'runs/latest/history.jsonl', '--json');
    expect(exitCode, stdout).toBe(1);
    const verdict = JSON.parse(stdout);
    expect(verdict.verdict).toBe('invalid');
    const invalid = verdict.invariants.filter(
      ({ verdict: one }: { verdict: string }) => one === 'invalid',
    );
    expect(invalid).toMatchObject([
      { name: 'no-order-is-approved', witness: [{ message: 'An order was approved.' }] },
    ]);
    rmSync(join(user, 'sagaproof/invariants/no-order-is-approved.ts'));
  });

  it('contracts are verified with a subject', { timeout: RUN_TIMEOUT_MS }, async () => {
    const run = await sagaproof('contracts', 'verify', 'auth', '--subject', SUBJECT, '--json');
    expect(run.exitCode, run.stdout + run.stderr).toBe(0);
    expect(JSON.parse(run.stdout).interactions.length).toBeGreaterThan(0);
  });

  it('nothing is written into the package', () => {
    expect(contentOf(installed)).toBe(before);
    expect(statSync(join(user, 'runs')).isDirectory()).toBe(true);
  });

  it.runIf(process.getuid?.() === 0)(
    'works for a user who may write to no file of it',
    async () => {
      // In the repository, so that the configuration that init writes finds the package.
      const home = join(user, 'home');
      mkdirSync(home);
      chmodSync(home, 0o777);
      const node = dirname(realpathSync(process.execPath));
      const asUnprivileged = (...args: readonly string[]) =>
        execa(join(user, 'node_modules/.bin/sagaproof'), args, {
          cwd: home,
          uid: UNPRIVILEGED_ID,
          gid: UNPRIVILEGED_ID,
          reject: false,
          extendEnv: false,
          env: { HOME: home, PATH: [node, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter) },
        });
      const written = await asUnprivileged('init', '--json');
      expect(written.exitCode, written.stderr).toBe(0);
      const doctor = await asUnprivileged('doctor', '--json');
      expect(JSON.parse(doctor.stdout).cacheFolder, doctor.stdout).toBe(
        join(home, '.cache/sagaproof'),
      );
      expect(readdirSync(home).sort()).toEqual(
        ['.cache', '.gitignore', 'sagaproof', 'sagaproof.config.mts'].sort(),
      );
    },
  );
});
