import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { MODELS } from '../model/models.ts';
import { thresholdsOf } from '../model/slo.ts';
import { SLOS } from '../model/slos.ts';
import { FakeTier, type Flaw } from './fake-tier.testkit.ts';

const RUN = fileURLToPath(new URL('./fixtures/run.ts', import.meta.url));

/** A small model in the form that `sagaproof load --print` writes. */
const SMALL = {
  model: {
    name: 'small',
    durationSeconds: 1,
    sockets: {
      ...{ users: 3, perUser: 2, openedPerSecond: 100, subscribe: 'all-jobs', slowShare: 0 },
      levels: { outcome: 0, progress: 1, detail: 1 },
    },
    sagas: { perSecond: 10 },
    faults: [],
    slo: 'saga',
  },
  slo: { gaps: 0, duplicates: 0, reorders: 0, leaks: 0, unfinished: 0, errorShareMax: 0 },
};

const BY_JOB = { ...SMALL.model.sockets, subscribe: 'by-job' };

async function play(flaw: Flaw, variables: Record<string, string> = {}) {
  await using tier = new FakeTier(flaw);
  const port = await tier.listen();
  const env = {
    GATEWAY_URL: `http://127.0.0.1:${port}`,
    WS_URLS: `ws://127.0.0.1:${port}/v1/updates`,
    MINT_URL: `http://127.0.0.1:${port}/mint`,
    ...variables,
  };
  const result = await execa('node', ['--no-warnings', RUN], { env, reject: false });
  expect(result.stderr).toBe('');
  const { counts, missed } = JSON.parse(result.stdout) as {
    counts: Record<string, number>;
    missed: string[];
  };
  return { exitCode: result.exitCode, counts, missed };
}

const small = async (flaw: Flaw, more: object = {}, drainSeconds = 1) => {
  const folder = await mkdtemp(join(tmpdir(), 'k6-'));
  const file = join(folder, 'model.json');
  await writeFile(file, JSON.stringify({ ...SMALL, model: { ...SMALL.model, ...more } }));
  const variables = { MODEL_FILE: file, DRAIN_SECONDS: String(drainSeconds) };
  return play(flaw, variables).finally(() => rm(folder, { recursive: true }));
};

describe('the k6 scripts, played on Node', () => {
  it('keep their thresholds on a tier without flaws', async () => {
    const { exitCode, counts, missed } = await small('none', {}, 3);
    expect(missed).toEqual([]);
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ sagaproof_connect: 6, sagaproof_saga: 10, sagaproof_leaks: 0 });
    expect(counts['sagaproof_delivery']).toBeGreaterThan(50);
  });

  it.each([
    ['gap', 'sagaproof_gaps'],
    ['duplicate', 'sagaproof_duplicates'],
    ['leak', 'sagaproof_leaks'],
    ['level', 'sagaproof_leaks'],
    ['refused', 'sagaproof_errors'],
    ['unfinished', 'sagaproof_unfinished'],
  ] as const)('miss a threshold on a tier with the flaw %s', async (flaw, metric) => {
    const { exitCode, missed } = await small(flaw);
    expect(exitCode).toBe(99);
    expect(missed.join()).toContain(metric);
  });

  it('resume after their sockets are cut, without a gap', async () => {
    const { counts, missed } = await small('cut', { sockets: BY_JOB }, 5);
    expect(missed).toEqual([]);
    expect(counts['sagaproof_reconnect']).toBeGreaterThan(0);
  });

  it('follow jobs one by one where the model says so', async () => {
    const { missed, counts } = await small('none', { sockets: BY_JOB }, 3);
    expect(missed).toEqual([]);
    expect(counts['sagaproof_saga']).toBe(10);
  });

  it('have customers come and go', async () => {
    const { counts } = await small('none', { churn: { perSecond: 10 }, durationSeconds: 5 });
    expect(counts['sagaproof_reconnect']).toBeGreaterThan(0);
  });

  it('take each built-in model, with its limits as thresholds', async () => {
    for (const { name, slo } of MODELS) {
      const env = { MODEL: name, OPTIONS_ONLY: '1' };
      const { stdout } = await execa('node', ['--no-warnings', RUN], { env });
      const options = JSON.parse(stdout) as { thresholds: object; scenarios: object };
      expect(options.thresholds, name).toEqual(expect.objectContaining(thresholdsOf(SLOS[slo])));
      expect(options.thresholds, name).toHaveProperty('sagaproof_leaks', ['count<=0']);
    }
  });

  it('name the models when there is no such one', async () => {
    const env = { MODEL: 'fan-ot' };
    const { exitCode, stderr } = await execa('node', [RUN], { env, reject: false });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no model fan-ot: connect-ramp');
  });
});
