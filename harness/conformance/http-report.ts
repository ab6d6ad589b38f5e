import { z } from 'zod';
import type { ServiceName } from '../kernel/address-book.ts';
import { curlOf } from './curl.ts';
import { type ConformanceResult, resultOf } from './result.ts';

/**
 * The fuzzer's checks of every answer, each with what it expects. Left out are two that a document
 * cannot specify: that matching data is accepted (`page_token` is opaque, an order is in one
 * currency), and that another user's data is not accessible (the scenarios check that).
 */
export const FUZZ_CHECKS: Readonly<Record<string, string>> = {
  not_a_server_error: 'no 5xx',
  status_code_conformance: 'a documented status',
  content_type_conformance: 'a content type that is documented for the status',
  response_headers_conformance: 'the headers that are documented for the status',
  response_schema_conformance: 'a body that matches the schema of the status',
  negative_data_rejection: 'data that does not match the document is refused',
  missing_required_header: 'a missing required header is refused',
  unsupported_method: '405 for a method that is not documented',
  allow_header_conformance: 'Allow lists the documented methods',
  use_after_free: 'a deleted resource is gone',
  ensure_resource_availability: 'a created resource is available',
  ignored_auth: '401 without a valid token',
};

/** With a larger share of 429 answers an operation counts as throttled, hence not checked. */
const THROTTLED_SHARE_MAX = 0.2;
const BODY_CHARS_MAX = 300;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

export type OpenapiPaths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const Bytes = z.object({ $base64: z.string() }).nullish();
const Interaction = z.object({
  request: z.object({
    method: z.string(),
    uri: z.string(),
    headers: z.record(z.string(), z.array(z.string())).default({}),
    body: Bytes,
  }),
  response: z.object({ status_code: z.number(), content: Bytes }).nullish(),
});
const Check = z.object({
  name: z.string(),
  status: z.string(),
  failure_info: z
    .object({
      failure: z.object({ title: z.string(), message: z.string(), operation: z.string() }),
    })
    .nullish(),
});
const Recorder = z.object({
  label: z.string(),
  cases: z
    .record(z.string(), z.object({ value: z.object({ method: z.string(), path: z.string() }) }))
    .default({}),
  checks: z.record(z.string(), z.array(Check)).default({}),
  interactions: z.record(z.string(), Interaction).default({}),
});
const ScenarioFinished = z.object({ ScenarioFinished: z.object({ recorder: Recorder }) });
const FuzzerError = z.union([
  z.object({ NonFatalError: z.unknown() }),
  z.object({ FatalError: z.unknown() }),
]);

export type FuzzInteraction = z.infer<typeof Interaction>;

/** What was seen of one operation. */
interface Seen {
  readonly statuses: number[];
  /** By check: how often it was made, and the first failure. */
  readonly checks: Map<string, { count: number; failure?: string }>;
}

/**
 * Reads the fuzzer's events. Every operation of the document has a result for each check, and
 * for two more: it succeeded at least once, and it was not throttled most of the time.
 */
export function readFuzzReport(
  events: string,
  options: {
    readonly service: ServiceName;
    readonly token: string;
    readonly paths: OpenapiPaths;
  },
): readonly ConformanceResult[] {
  const { service, token } = options;
  const operations = new Map(operationsOf(options.paths).map((name) => [name, nothingSeen()]));
  const errors: string[] = [];
  for (const line of events.split('\n').filter((text) => text !== '')) {
    const event: unknown = JSON.parse(line);
    const finished = ScenarioFinished.safeParse(event);
    if (finished.success) addScenario(finished.data.ScenarioFinished.recorder, operations, token);
    else if (FuzzerError.safeParse(event).success) errors.push(line.replaceAll(token, '$TOKEN'));
  }
  const results = [...operations].flatMap(([name, seen]) => resultsOf(service, name, seen));
  const broken = errors.map((error) =>
    resultOf({
      ...{ service, rpc: '*', check: 'the fuzzer itself', expected: 'no error' },
      ...{ seen: error, skipped: true },
    }),
  );
  const none = {
    ...{ service, rpc: '*', check: 'operations', expected: 'at least one to fuzz' },
    ...{ seen: 'the document has none', skipped: true as const },
  };
  return operations.size === 0 ? [resultOf(none)] : [...results, ...broken];
}

const nothingSeen = (): Seen => ({ statuses: [], checks: new Map() });

const operationsOf = (paths: OpenapiPaths): string[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => method in operations).map((m) => `${m.toUpperCase()} ${path}`),
  );

function addScenario(
  { label, cases, checks, interactions }: z.infer<typeof Recorder>,
  operations: ReadonlyMap<string, Seen>,
  token: string,
): void {
  for (const [id, made] of Object.entries(checks)) {
    const about = cases[id]?.value;
    // A case of another method belongs to the operation that it was tried on.
    const own = `${about?.method} ${about?.path}`;
    const seen = operations.get(operations.has(own) ? own : label);
    const interaction = interactions[id];
    if (seen === undefined || interaction === undefined) continue;
    if (operations.has(own)) seen.statuses.push(interaction.response?.status_code ?? 0);
    for (const check of made) addCheck(seen, check, interaction, token);
  }
}

function addCheck(
  { checks }: Seen,
  { name, status, failure_info }: z.infer<typeof Check>,
  interaction: FuzzInteraction,
  token: string,
): void {
  const known = checks.get(name) ?? { count: 0 };
  known.count += 1;
  if (status !== 'success' && known.failure === undefined) {
    const { title = status, message = '' } = failure_info?.failure ?? {};
    known.failure = [
      [title, message].filter((text) => text !== '').join(': '),
      answerShown(interaction, token),
      curlOf(interaction.request, token),
    ].join('\n');
  }
  checks.set(name, known);
}

function answerShown({ response }: FuzzInteraction, token: string): string {
  if (response === null || response === undefined) return 'no answer';
  const body = Buffer.from(response.content?.$base64 ?? '', 'base64').toString('utf8');
  return `HTTP ${response.status_code} ${body.replaceAll(token, '$TOKEN').slice(0, BODY_CHARS_MAX)}`;
}

function resultsOf(service: ServiceName, rpc: string, seen: Seen): ConformanceResult[] {
  const checks = Object.entries(FUZZ_CHECKS).map(([name, expected]) => {
    const made = seen.checks.get(name);
    const about = { service, rpc, check: name.replaceAll('_', ' '), expected };
    return made === undefined
      ? resultOf({ ...about, seen: 'the fuzzer never ran it', skipped: true })
      : resultOf({ ...about, seen: made.failure });
  });
  const { statuses } = seen;
  const reached = { service, rpc, check: 'a success is reached', expected: 'a 2xx at least once' };
  const answered = [...new Set(statuses)].sort().join(', ');
  const succeeded = statuses.some((status) => status >= 200 && status < 300);
  const throttled = { service, rpc, check: 'not throttled', expected: 'few answers are 429' };
  const refusals = statuses.filter((status) => status === 429).length;
  const few = statuses.length > 0 && refusals <= statuses.length * THROTTLED_SHARE_MAX;
  return [
    ...checks,
    resultOf({
      ...reached,
      seen: succeeded ? undefined : `only ${answered === '' ? 'nothing' : answered}`,
    }),
    resultOf({
      ...throttled,
      ...{ seen: few ? undefined : `${refusals} of ${statuses.length} answers were 429` },
      skipped: true,
    }),
  ];
}
