import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Slowness } from '../checker/facts/slowness.ts';
import { nowMs } from '../history/shard.ts';
import { fakeRun, fixtures } from './scenarios.testkit.ts';
import { type PlayOptions, Scenarios } from './scenarios.ts';

/** Far less than in production, and far more than a busy machine delays a beat. */
const BLOCKED_MS_MAX = 3_000;
/** From the end of the witnesses' start to a scenario that runs, on a warm stack. */
const START_MS_MAX = 100;
/** The fastest of them counts: other tests take the processor away from most. */
const STARTS = 10;

const played = (...names: readonly string[]) => playedWith({}, ...names);

async function playedWith(options: Partial<PlayOptions>, ...names: readonly string[]) {
  await using scenarios = new Scenarios(fixtures(...names), { blockedMsMax: BLOCKED_MS_MAX });
  await using run = await fakeRun();
  const results = await scenarios.play({ ...run.options, ...options });
  const { recorded, progress, asked } = run;
  const byName = Object.fromEntries(results.map((result) => [result.name, result]));
  return { results, byName, recorded, progress, asked, log: run.log() };
}

describe('scenarios', () => {
  it('pass while another one fails, and each is recorded, reported and logged', async () => {
    const { byName, recorded, progress, log } = await played('passes', 'passes-too', 'fails');
    expect(Object.values(byName).map(({ outcome }) => outcome)).toEqual([
      'failed',
      'passed',
      'passed',
    ]);
    expect(byName['passes']?.claims).toBe('a scenario has a world and passes');
    expect(byName['passes-too']?.durationMs).toBeGreaterThanOrEqual(490);
    expect(recorded).toContainEqual({ type: 'scenario-started', scenario: 'passes' });
    const ended = { type: 'scenario-ended', scenario: 'passes', outcome: 'passed' };
    expect(recorded).toContainEqual(ended);
    expect(progress.filter(({ event }) => event === 'ended')).toHaveLength(3);
    expect(log).toContain('[passes] plays in run 20260101-000000-abcdef\n');
    expect(log).toContain('[fails] failed: the order\nclaim: an assertion');
  });

  it('that fail say what was expected, where', async () => {
    const { byName } = await played('fails');
    const { message = '' } = byName['fails'] ?? {};
    expect(message).toMatch(/^the order\nclaim: /);
    expect(message).toMatch(/^expected: .*CANCELLED/m);
    expect(message).toMatch(/^came: .*APPROVED/m);
    expect(message).toContain('harness/runner/fixtures/fails.ts:8:');
    expect(message).not.toMatch(/node_modules|node:|player-loop|AssertionError/);
  });

  it('that have not begun are not played after a failure, if so wanted', async () => {
    await using run = await fakeRun();
    await using scenarios = new Scenarios(fixtures('fails', 'fault-misses'));
    const results = await scenarios.play({ ...run.options, failFast: true });
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['fails', 'failed'],
      ['fault-misses', 'inconclusive'],
    ]);
    expect(results[1]?.message).toMatch(/^not played, because fails failed/);
  });

  it('write what their clients see into the history of the run', async () => {
    await using scenarios = new Scenarios(fixtures('passes'));
    await using run = await fakeRun();
    await scenarios.play(run.options);
    const shards = join(run.options.runFolder, 'shards');
    const lines = readdirSync(shards).map((name) => readFileSync(join(shards, name), 'utf8'));
    expect(lines.join('')).toContain('"operation":"passes#1"');
  });

  it('that are exclusive run alone after the others, and have the stack restored if they fail', async () => {
    const { byName, progress, asked } = await played('passes-too', 'fails-alone', 'passes');
    expect(byName['fails-alone']).toMatchObject({ outcome: 'failed' });
    expect(byName['fails-alone']?.message).toContain('it took kafka away');
    expect(progress.slice(-2).map(({ name }) => name)).toEqual(['fails-alone', 'fails-alone']);
    expect(asked).toEqual(['restore links', 'SIGCONT order-1']);
  });

  it('that are not exclusive have nothing restored', async () => {
    expect((await played('fails')).asked).toEqual([]);
  });

  it('whose fault does not land are inconclusive, and have the stack restored', async () => {
    const { byName, recorded, asked, log } = await played('fault-misses');
    expect(byName['fault-misses']).toMatchObject({ outcome: 'inconclusive' });
    expect(byName['fault-misses']?.message).toContain('fault flood of cellar did not land');
    expect(recorded).toContainEqual(
      expect.objectContaining({ type: 'scenario-ended', outcome: 'inconclusive' }),
    );
    expect(asked).toEqual(['restore links', 'SIGCONT order-1']);
    expect(log).toContain('[fault-misses] inconclusive: fault flood of cellar did not land');
  });

  it('are partial, and not played, if a subject lacks what they require', async () => {
    const { byName } = await played('needs-rebuild');
    expect(byName['needs-rebuild']).toMatchObject({
      outcome: 'partial',
      message: 'query declares no rebuild',
    });
  });

  it('that do not load fail, with the error', async () => {
    const { byName, recorded } = await played('does-not-load', 'is-no-scenario', 'passes');
    expect(byName['does-not-load']).toMatchObject({ outcome: 'failed', durationMs: 0 });
    expect(byName['does-not-load']?.message).toContain('a module that fails');
    expect(byName['is-no-scenario']?.message).toContain('export default defineScenario({');
    expect(byName['passes']).toMatchObject({ outcome: 'passed' });
    expect(recorded).toContainEqual({ type: 'scenario-started', scenario: 'does-not-load' });
  });

  it('that throw outside of any promise fail, and no other does', async () => {
    const { byName } = await played('throws-outside', 'exits', 'passes-too');
    expect(byName['throws-outside']?.message).toContain('uncaught exception: thrown in a timer');
    expect(byName['exits']?.message).toContain('must not end the process: process.exit(0)');
    expect(byName['passes-too']).toMatchObject({ outcome: 'passed' });
  }, 60_000);

  it('that reject after their end fail in the end', async () => {
    const { byName } = await played('rejects-later', 'passes-too');
    expect(byName['rejects-later']).toMatchObject({ outcome: 'failed' });
    expect(byName['rejects-later']?.message).toContain('unhandled rejection: not awaited');
    expect(byName['passes-too']).toMatchObject({ outcome: 'passed' });
  });

  it('that exceed their deadline fail with it', async () => {
    const { byName } = await played('ignores-deadline');
    expect(byName['ignores-deadline']?.message).toContain(
      'scenario ignores-deadline took longer than 50 ms',
    );
  });

  it('that exceed a deadline on a starved machine prove nothing; other failures do', async () => {
    const slowness = new Slowness();
    slowness.add({ endMs: nowMs() + 60_000, periodMs: 60_000, slowdown: 12.3, share: 0.2 });
    const { byName } = await playedWith({ slowness }, 'ignores-deadline', 'fails');
    expect(byName['ignores-deadline']).toMatchObject({ outcome: 'inconclusive' });
    expect(byName['ignores-deadline']?.message).toMatch(
      /^the machine was starved: work took 12\.3 times its CPU time, .*; scenario ignores-dead/,
    );
    expect(byName['fails']).toMatchObject({ outcome: 'failed' });
  });

  it('that block their thread are found and ended; those after them still run', async () => {
    const { byName, log } = await played('blocks', 'fails-alone');
    expect(byName['blocks']?.message).toMatch(
      /its thread was blocked for 3 s.*endless loop.*harness\/runner\/fixtures\/blocks\.ts:\d+ \((spin|play)\)/,
    );
    expect(byName['fails-alone']?.message).toContain('it took kafka away');
    expect(log).toContain('[blocks] failed: its thread was blocked');
  }, 60_000);

  it('end at once, without a result, when the run is interrupted', async () => {
    await using scenarios = new Scenarios(fixtures('throws-outside', 'passes-too'));
    await using run = await fakeRun();
    const playing = scenarios.play({
      ...run.options,
      onProgress: () => run.abort(new Error('interrupted by SIGINT')),
    });
    await expect(playing).rejects.toThrow('interrupted by SIGINT');
    expect(run.recorded.filter(({ type }) => type === 'scenario-ended')).toEqual([]);
  });

  it(`start within ${START_MS_MAX} ms once they are loaded`, async () => {
    await using scenarios = new Scenarios(fixtures('passes'));
    await scenarios.loaded;
    await using run = await fakeRun();
    const durationsMs: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      const askedAtMs = performance.now();
      await scenarios.play({
        ...run.options,
        onProgress: ({ event }) => {
          // The end of a scenario that does next to nothing: its code has run.
          if (event === 'ended') durationsMs.push(performance.now() - askedAtMs);
        },
      });
    }
    expect(durationsMs).toHaveLength(STARTS);
    expect(Math.min(...durationsMs)).toBeLessThan(START_MS_MAX);
  });
});
