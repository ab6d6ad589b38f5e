import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { EXIT_CODES } from '../../checker/check.ts';
import { CONFORMANCE_PROVIDERS, conformanceOf } from '../../conformance/conformance-of.ts';
import { renderConformance, renderConformanceJunit } from '../../conformance/render.ts';
import type { ConformanceResult } from '../../conformance/result.ts';
import { at as stackAt } from '../../contracts/provider/at.ts';
import { verdictOf } from '../../contracts/provider/results.ts';
import { SERVICES, type ServiceName } from '../../kernel/address-book.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { unknownKeyMessage } from '../../kernel/suggestion.ts';
import { REST_SERVICE } from '../../kernel/system.ts';
import { withStackWatch } from '../../runner/stack-lost.ts';
import { note, paints, result, resultJson } from '../../terminal/output.ts';
import { loadSubjects } from '../../testbed/services/subjects.ts';
import type { Stack } from '../../testbed/stack.ts';
import { bootWithProgress } from '../boot.ts';
import { createConformanceView } from '../conformance-view.ts';
import { interruption } from '../interruption.ts';

interface ConformOptions {
  readonly seed?: string;
  readonly subject: readonly string[];
  readonly at?: string;
  readonly config?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

/** `sagaproof contracts conform`: runs protocol conformance and fuzz tests. */
export async function conform(names: readonly string[], options: ConformOptions): Promise<void> {
  const services = servicesOf(names);
  if (options.at !== undefined && services.length !== 1) {
    throw new SagaproofError('usage', '--at takes the address of one service', {
      fix: 'name that service',
    });
  }
  const seed = options.seed ?? randomBytes(6).toString('hex');
  note(`seed ${seed} (repeat with --seed ${seed})`);
  using interrupted = interruption();
  await using stack = await stackFor(services, options, interrupted.signal);
  const view = createConformanceView();
  const results: ConformanceResult[] = [];
  try {
    const { onLine, onResults } = view;
    for (const service of services) {
      const answers = await withStackWatch(stack, interrupted.signal, (signal) =>
        conformanceOf(service, stack, { seed, signal, onLine, onResults }),
      );
      results.push(...answers);
    }
  } finally {
    view.close();
  }
  const verdict = verdictOf(results);
  if (options.junit !== undefined) writeFileSync(options.junit, renderConformanceJunit(results));
  if (options.json) resultJson({ verdict, seed, checks: results });
  else result(renderConformance(results, paints));
  process.exitCode = EXIT_CODES[verdict];
}

/** The named services, or all that answer requests. */
function servicesOf(names: readonly string[]): readonly ServiceName[] {
  if (names.length === 0) return CONFORMANCE_PROVIDERS;
  return names.map((name) => {
    const found = CONFORMANCE_PROVIDERS.find((service) => service === name);
    if (found !== undefined) return found;
    throw new SagaproofError(
      'unknown-name',
      unknownKeyMessage(name, CONFORMANCE_PROVIDERS, 'the services with conformance checks'),
    );
  });
}

/** The REST API calls all other services. */
const requiredBy = (service: ServiceName): readonly ServiceName[] =>
  service === REST_SERVICE ? SERVICES : [service];

async function stackFor(
  services: readonly ServiceName[],
  options: ConformOptions,
  signal: AbortSignal,
): Promise<Stack> {
  const runs = [...new Set(services.flatMap(requiredBy))];
  const [service] = services;
  if (options.at !== undefined && service !== undefined) {
    return stackAt(options.at, { service, runs });
  }
  return bootWithProgress({
    only: runs,
    subjects: loadSubjects(options.subject),
    signal,
    ...(options.config ? { config: options.config } : {}),
  });
}
