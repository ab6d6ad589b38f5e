import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSubjects } from '../../harness/testbed/services/build.ts';
import { loadManifest } from '../../harness/testbed/services/manifest.ts';

/** What its own community asks of a Go program; contracts and scenarios with it: `pnpm test`. */
const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const GENERATED = 'sagaproof/jobs/v1';
/** From an empty build cache, on a machine that does other things as well. */
const COLD_TIMEOUT_MS = 15 * 60_000;

const go = (args: readonly string[]) =>
  execa('go', args, { cwd: folder, all: true, reject: false });

describe('the example in Go', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'job-management-go-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it(
    'is built as its manifest says',
    async () => {
      const manifest = join(folder, 'sagaproof.service.yaml');
      await buildSubjects([loadManifest(manifest)], { logsFolder: scratch });
      expect(readdirSync(join(folder, 'build'))).toEqual(['job-management']);
    },
    COLD_TIMEOUT_MS,
  );

  it(
    'is vetted and formatted, and what vet and gofmt find would be seen',
    async () => {
      const vet = await go(['vet', './...']);
      expect({ said: vet.all, exitCode: vet.exitCode }).toEqual({ said: '', exitCode: 0 });
      const { stdout } = await execa('gofmt', ['-l', '.'], { cwd: folder });
      expect(stdout).toBe('');
      writeFileSync(join(scratch, 'ugly.go'), 'package x\nfunc  F( ) { }\n');
      expect((await execa('gofmt', ['-l', scratch])).stdout).toContain('ugly.go');
    },
    COLD_TIMEOUT_MS,
  );

  it(
    'passes its own tests',
    async () => {
      const { all, exitCode } = await go(['test', '-json', './...']);
      const passed = [...(all ?? '').matchAll(/"Action":"pass".*"Test":"([^"]+)"/g)];
      expect({ exitCode, all: exitCode === 0 ? '' : all }).toEqual({ exitCode: 0, all: '' });
      expect(passed.length).toBeGreaterThan(0);
    },
    COLD_TIMEOUT_MS,
  );

  it(
    'has the code that the protocol’s files generate: `go generate ./...` writes it',
    async () => {
      const template = readFileSync(join(folder, 'buf.gen.yaml'), 'utf8');
      expect(template).toContain('out: gen');
      const generated = join(scratch, 'gen');
      const elsewhere = template.replaceAll('out: gen', `out: ${generated}`);
      writeFileSync(join(scratch, 'buf.gen.yaml'), elsewhere);
      await execa(
        'buf',
        [
          ...['generate', '../../proto', '--path', '../../proto/sagaproof/jobs'],
          ...['--template', join(scratch, 'buf.gen.yaml')],
        ],
        { cwd: folder, preferLocal: true, localDir: root },
      );
      const of = (place: string) =>
        readdirSync(join(place, GENERATED)).map((name) => [
          name,
          readFileSync(join(place, GENERATED, name), 'utf8'),
        ]);
      expect(of(generated)).toEqual(of(join(folder, 'gen')));
    },
    COLD_TIMEOUT_MS,
  );
});
