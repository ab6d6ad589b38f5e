import junit, { type Builder } from 'junit-report-builder';

/** The package is CommonJS: what is imported is the builder, not a module as its types say. */
const JUNIT = junit as unknown as Builder;

/** One promise of a service, and what became of it. */
export interface PromiseCase {
  readonly suite: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly durationMs?: number;
  /** What was not kept, or why it could not be looked at. */
  readonly why: readonly string[];
}

/** Promises as JUnit XML; one that could not be looked at is an error, never a pass. */
export function renderPromisesJunit(title: string, cases: readonly PromiseCase[]): string {
  const builder = JUNIT.newBuilder().name(title);
  for (const [name, own] of Map.groupBy(cases, ({ suite }) => suite)) {
    const suite = builder.testSuite().name(name);
    for (const one of own) {
      const test = suite.testCase().className(name).name(one.name);
      if (one.durationMs !== undefined) test.time(one.durationMs / 1_000);
      const [first = one.outcome] = one.why;
      if (one.outcome === 'failed') test.failure(first, 'failed').stacktrace(one.why.join('\n'));
      if (one.outcome === 'unknown') test.error(first, 'unknown');
    }
  }
  return builder.build();
}
