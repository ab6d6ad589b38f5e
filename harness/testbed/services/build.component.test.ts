import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retry } from '../../kernel/poll.ts';
import { identify, isRunning } from '../../kernel/process-identity.ts';
import type { ProgressEvent } from '../progress.ts';
import { untilEnded } from '../stack.testkit.ts';
import { type BuildOptions, buildSubjects } from './build.ts';
import { loadManifest, ManifestError } from './manifest.ts';

const OWNER = fileURLToPath(new URL('./fixtures/build-owner.ts', import.meta.url));
const OWNER_KILLED = fileURLToPath(new URL('./fixtures/build-owner-killed.ts', import.meta.url));
const WAIT_MS = 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(join(folder, 'children'), { force: true }));

/** A manifest whose build is a shell script, and whose command is a program in its folder. */
function manifestOf(build: readonly string[], command = './program'): string {
  const file = join(folder, 'sagaproof.service.yaml');
  const lines = [
    'service: auth',
    'version: 1.0.0',
    `build: ${JSON.stringify(build)}`,
    `command: [${command}]`,
    'readiness: { tcp: "127.0.0.1:1" }',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const script = (text: string): string[] => ['sh', '-c', text];
const MAKES = script('printf "#!/bin/sh\\n" > program && chmod +x program');

const build = async (file: string, options: Partial<BuildOptions> = {}): Promise<void> =>
  buildSubjects([loadManifest(file)], { logsFolder: join(folder, 'logs'), ...options });

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const failure = await work.then(
    () => undefined,
    (error: Error) => error,
  );
  if (failure === undefined) throw new Error('it did not fail');
  return failure;
}

/** A build that hangs in a child of its own; resolves with that child's pid once it runs. */
const HANGS = script('sleep 600 & echo $! > children; echo "fetching the world"; wait');
const childOf = () =>
  retry(
    'the build has started its child',
    () => {
      const identity = identify(Number(readFileSync(join(folder, 'children'), 'utf8')));
      if (identity === undefined) throw new Error('it does not run');
      return identity;
    },
    { signal: AbortSignal.timeout(WAIT_MS) },
  );

describe('the build of a subject', () => {
  it('makes the program in the folder of the manifest, and is reported', async () => {
    const events: ProgressEvent[] = [];
    await build(manifestOf(MAKES), { onProgress: (event) => events.push(event) });
    expect(readFileSync(join(folder, 'program'), 'utf8')).toBe('#!/bin/sh\n');
    expect(events.map(({ resource, phase }) => [resource, phase])).toEqual([
      ['build of auth', 'starting'],
      ['build of auth', 'ready'],
    ]);
  });

  it('knows where the schemas are', async () => {
    await build(manifestOf(script('cp "$SAGAPROOF/proto/buf.yaml" program && chmod +x program')));
    expect(readFileSync(join(folder, 'program'), 'utf8')).toContain('version: v2');
  });

  it('that fails shows the command, how it ended and the end of what it said', async () => {
    const file = manifestOf(script('seq 1000; echo "main.go:7: undefined: x" >&2; exit 2'));
    const failure = await failureOf(build(file));
    expect(failure).toBeInstanceOf(ManifestError);
    expect(failure.message).toContain(`${file}: build: \`sh -c seq 1000;`);
    expect(failure.message).toMatch(/` exited with code 2 \(whole output: .*build-auth\.log\)\n/);
    expect(failure.message).toMatch(/\n1000\nmain\.go:7: undefined: x$/);
    expect(failure.message).not.toMatch(/^900$/m);
  });

  it('that hangs is ended with its children when its time is over', async () => {
    const failure = failureOf(build(manifestOf(HANGS), { timeoutMs: 2_000 }));
    const child = await childOf();
    expect((await failure).message).toMatch(
      /took longer than 2 s and was ended .*build-auth\.log\)\n.*\nfetching the world/,
    );
    await untilEnded(child);
  });

  it('that is interrupted is ended with its children, and says no more than that', async () => {
    const interruption = new AbortController();
    const failure = failureOf(build(manifestOf(HANGS), { signal: interruption.signal }));
    const child = await childOf();
    interruption.abort(new Error('interrupted by SIGINT'));
    expect((await failure).message).toBe('interrupted by SIGINT');
    await untilEnded(child);
  });

  it('whose child takes no SIGTERM is ended with it all the same', async () => {
    const stubborn = script('(trap "" TERM; exec sleep 600) & echo $! > children; wait');
    const failure = failureOf(build(manifestOf(stubborn), { timeoutMs: 1_000 }));
    const child = await childOf();
    expect((await failure).message).toMatch(/took longer than 1 s/);
    await untilEnded(child);
  });

  it('of a command that was killed is ended with its children by the next one', async () => {
    const owner = execa(process.execPath, [OWNER, manifestOf(HANGS), join(folder, 'logs')], {
      reject: false,
    });
    const child = await childOf();
    owner.kill('SIGKILL');
    await owner;
    expect(isRunning(child)).toBe(true);
    await build(manifestOf(MAKES));
    await untilEnded(child);
  });

  it('of a command that was killed while it started it is ended by the next one', async () => {
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const files = [join(folder, 'logs'), join(folder, 'children')];
    const owner = execa(process.execPath, [OWNER_KILLED, ...files], { reject: false });
    const child = await childOf();
    await owner;
    expect(isRunning(child)).toBe(true);
    await build(manifestOf(MAKES));
    await untilEnded(child);
  });

  it('of another command that lives is left alone', async () => {
    const interruption = new AbortController();
    const other = failureOf(build(manifestOf(HANGS), { signal: interruption.signal }));
    const child = await childOf();
    await build(manifestOf(MAKES));
    expect(isRunning(child)).toBe(true);
    interruption.abort(new Error('enough'));
    await other;
    await untilEnded(child);
    expect(readdirSync(join(folder, 'logs')).filter((name) => /under-way/.test(name))).toEqual([]);
  });

  it('is not started when its compiler is missing, which is named', async () => {
    await expect(build(manifestOf(['goo', 'build']))).rejects.toThrow(
      'build: there is no `goo` on the PATH; install it, or write its path',
    );
    await expect(build(manifestOf(['./gradlew', 'build']))).rejects.toThrow(
      `build: ${join(folder, 'gradlew')} is not there; write what makes your program`,
    );
  });

  it('has to make what is started', async () => {
    await expect(build(manifestOf(['true'], 'build/other'))).rejects.toThrow(
      `command: ${join(folder, 'build/other')} is not there: \`true\` has not made it`,
    );
  });
});

describe('the program of a subject without a build', () => {
  const without = (command: string, more = ''): string => {
    const file = manifestOf(['true'], command);
    writeFileSync(file, `${readFileSync(file, 'utf8').replace(/build.*\n/, '')}${more}`);
    return file;
  };

  it.each([
    ['there-is-no-such-program', 'command: there is no `there-is-no-such-program` on the PATH'],
    ['./nothing', 'nothing is not there; make it first, or write under `build` what makes it'],
  ])('%s is missed before anything starts', async (command, message) => {
    await expect(build(without(command))).rejects.toThrow(message);
  });

  it('has to be executable', async () => {
    writeFileSync(join(folder, 'plain'), '');
    chmodSync(join(folder, 'plain'), 0o644);
    await expect(build(without('./plain'))).rejects.toThrow(
      `command: ${join(folder, 'plain')} is not executable; \`chmod +x\` it`,
    );
  });

  it('has to have the folder that it runs in', async () => {
    await expect(build(without('node', 'cwd: nowhere\n'))).rejects.toThrow(
      `cwd: there is no folder ${join(folder, 'nowhere')}`,
    );
  });
});
