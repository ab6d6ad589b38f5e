import junit, { type Builder } from 'junit-report-builder';

/** The package is CommonJS: the import is the builder itself, not a module as its types say. */
const JUNIT = junit as unknown as Builder;

/** One check of a service and its outcome. */
export interface CheckCase {
  readonly suite: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly durationMs?: number;
  /** What failed, or why the check could not run. */
  readonly why: readonly string[];
}

/** Renders checks as JUnit XML; one that could not run is an error, never a pass. */
export function renderChecksJunit(title: string, cases: readonly CheckCase[]): string {
  const builder = JUNIT.newBuilder().name(title);
  for (const [name, own] of Map.groupBy(cases, ({ suite }) => suite)) {
    const suite = builder.testSuite().name(name);
    for (const one of own) {
      const test = suite.testCase().className(name).name(one.name);
      if (one.durationMs !== undefined) test.time(one.durationMs / 1_000);
      const [first = one.outcome] = one.why;
      if (one.outcome === 'failed') test.failure(first, 'failed').stacktrace(one.why.join('\n'));
      if (one.outcome === 'skipped') test.error(first, 'skipped');
    }
  }
  return builder.build();
}
