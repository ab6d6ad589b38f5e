import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANCEL_JOB, OrderLife, PLACE_JOB } from './domain.testkit.ts';
import { evolve, initialState } from './domain.ts';
import { ParticipantsModel, type Script } from './domain-participants.testkit.ts';

/** A failed run prints its seed; SAGAPROOF_SEED repeats it. */
const SEED = Number(process.env['SAGAPROOF_SEED'] ?? Date.now() % 2 ** 31);
const RUNS = 2000;
/** More than any order needs after the random part; more means that it never ends. */
const STEPS_MAX = 500;

const scripts: fc.Arbitrary<Script> = fc.record({
  stock: fc.constantFrom('there', 'there', 'short'),
  card: fc.constantFrom('good', 'good', 'declined'),
  address: fc.constantFrom('deliverable', 'deliverable', 'undeliverable'),
  capturesFailing: fc.nat(3),
});
/** One random act: what kind of thing happens, and to which of the candidates. */
const acts = fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 60 });

/** Lets the acts happen, then lets everything come to rest, and gives back what remains. */
function live(script: Script, choices: readonly (readonly [number, number])[]) {
  const life = new OrderLife();
  const world = new ParticipantsModel(script);
  const cancelJobs: string[] = [];
  let seen = 0;
  const post = () => {
    for (const event of life.stored.slice(seen)) world.post(event);
    seen = life.stored.length;
  };
  const cancel = () => {
    const jobId = `${CANCEL_JOB}-${cancelJobs.length}`;
    if (!life.cancel(jobId)[0]?.startsWith('rejected')) cancelJobs.push(jobId);
  };
  const act = (kind: number, pick: number) => {
    if (kind < 40) world.takeCommand(pick, kind < 10);
    else if (kind < 80) {
      const reply = world.takeReply(pick, kind < 50);
      if (reply) life.feed(reply);
    } else if (kind < 88 && life.state.running) life.timer();
    else if (kind < 92) life.timer(life.stored[pick % life.stored.length]?.id);
    else if (kind < 96) world.dispatch();
    else cancel();
    post();
  };

  life.place();
  post();
  for (const [kind, pick] of choices) act(kind, pick);
  for (let step = 0; life.state.running !== undefined || world.isBusy; step += 1) {
    if (step > STEPS_MAX) throw new Error('the order never comes to rest');
    act(world.hasCommands ? 39 : world.hasReplies ? 79 : 80, 0);
  }
  return { life, world, cancelJobs };
}

describe(`any interleaving of replies, time-outs and cancellations (seed ${SEED})`, () => {
  it('ends every job exactly once, with the participants in agreement', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(scripts, acts, (script, choices) => {
        const { life, world, cancelJobs } = live(script, choices);
        const published = life.stored.flatMap(({ fact }) => (fact.kind === 'public' ? [fact] : []));
        for (const jobId of [PLACE_JOB, ...cancelJobs]) {
          const ends = published.filter(
            (fact) => fact.jobId === jobId && OUTCOMES.has(fact.payload.type),
          );
          expect(ends, `outcomes of ${jobId}`).toHaveLength(1);
        }
        expect(published.map((fact) => fact.sequence)).toEqual(published.map((_, i) => i + 1));
        expect(world.standing()).toEqual(STANDING[life.state.status]);
        expect(life.stored.reduce(evolve, initialState)).toEqual(life.state);
        reached.add(life.state.status);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // The interleavings are worth something only when they reach every end.
    expect([...reached].toSorted()).toEqual(['approved', 'cancelled', 'rejected']);
  });

  it('undoes every step that was done, newest first, before it rejects', () => {
    let compensated = 0;
    fc.assert(
      fc.property(scripts, acts, (script, choices) => {
        const { life } = live(script, choices);
        if (life.state.status !== 'rejected') return;
        const steps = (type: string) =>
          life.stored.flatMap(({ fact }) =>
            fact.kind === 'public' && fact.payload.type === type && 'step' in fact.payload
              ? [fact.payload.step]
              : [],
          );
        const undone = steps('SagaStepCompensated');
        const silent = life.stored.flatMap(({ fact }) =>
          fact.kind === 'public' && fact.payload.type === 'SagaStepFailed' && fact.payload.timedOut
            ? [fact.payload.step]
            : [],
        );
        expect(undone).toEqual([...steps('SagaStepCompleted'), ...silent].toReversed());
        compensated += undone.length;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(compensated).toBeGreaterThan(0);
  });
});

const OUTCOMES: ReadonlySet<string> = new Set([
  'OrderApproved',
  'OrderRejected',
  'OrderCancellationRefused',
  'OrderCancelled',
]);

/** What each participant holds when the order has come to rest. */
const STANDING: Readonly<Record<string, object>> = {
  approved: { stock: 'held', money: 'taken', parcel: 'coming' },
  rejected: { stock: 'free', money: 'free', parcel: 'none' },
  cancelled: { stock: 'free', money: 'free', parcel: 'none' },
};
