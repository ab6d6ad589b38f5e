import { execa } from 'execa';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { GateError } from '../error.ts';
import type { Finding } from '../finding.ts';

/** The broker's address, as Pact's own tools name it; they also read `PACT_BROKER_TOKEN`. */
export const BROKER_VARIABLE = 'PACT_BROKER_BASE_URL';
const TIMEOUT_MS = 60_000;
const REACH_TIMEOUT_MS = 10_000;

const Result = z.looseObject({
  summary: z.looseObject({
    deployable: z.boolean().nullable().optional(),
    reason: z.string().optional(),
    failed: z.int().optional(),
    unknown: z.int().optional(),
  }),
});

/** What to deploy, and where. */
export interface BrokerQuestion {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
}

/** Queries the broker with Pact's client. Throws a {@link GateError} without an answer. */
export async function askBroker(
  { service, version, environment }: BrokerQuestion,
  brokerUrl: string,
): Promise<Finding[]> {
  await reach(brokerUrl);
  const args = ['can-i-deploy', '--pacticipant', service, '--version', version];
  const done = await execa(
    'pact-broker',
    [...args, '--to-environment', environment, '--output', 'json'],
    {
      preferLocal: true,
      localDir: PACKAGE_ROOT,
      reject: false,
      timeout: TIMEOUT_MS,
      env: { [BROKER_VARIABLE]: brokerUrl },
    },
  );
  if (done.code === 'ENOENT') {
    throw new GateError(
      `${BROKER_VARIABLE} is set, and pact-cli has no binary for ${process.platform} ${process.arch}`,
      {
        code: 'platform-unsupported',
        fix: `unset ${BROKER_VARIABLE} to use contracts/pacts alone`,
      },
    );
  }
  const summary = summaryOf(done.stdout);
  if (summary === undefined) {
    const said = (done.stderr || done.stdout).trim().split('\n').slice(0, 3).join(' ');
    throw new GateError(
      `the Pact Broker at ${withoutCredentials(brokerUrl)} gave no answer about ${service} ${version} to ${environment}: ${said || done.shortMessage}`,
      { code: 'gate-source-unavailable' },
    );
  }
  if (summary.deployable === true) return [];
  const certain = (summary.failed ?? 0) > 0;
  return [
    {
      format: 'pact',
      subject: `${service} ${version}`,
      rule: certain ? 'pact/broker-verification-failed' : 'pact/broker-not-verified',
      file: 'contracts/pacts',
      line: 1,
      causes: [service],
      breaks: [`what runs in ${environment}`],
      fails: `is not known to work with ${service} ${version}`,
      what: summary.reason?.trim() ?? 'the Pact Broker says so',
      fix: `run sagaproof contracts verify ${service} and publish the result to the broker`,
      certainty: certain ? 'breaks' : 'unknown',
    },
  ];
}

/** Pact's client retries a dead address for minutes without output. */
async function reach(brokerUrl: string): Promise<void> {
  try {
    await fetch(addressOf(brokerUrl), {
      method: 'HEAD',
      signal: AbortSignal.timeout(REACH_TIMEOUT_MS),
    });
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    throw new GateError(
      `the Pact Broker at ${withoutCredentials(brokerUrl)} does not answer (${reason})`,
      {
        code: 'gate-source-unavailable',
        fix: `correct ${BROKER_VARIABLE}, or unset it to use contracts/pacts alone`,
      },
    );
  }
}

function summaryOf(stdout: string): z.infer<typeof Result>['summary'] | undefined {
  const start = stdout.indexOf('{');
  const end = stdout.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  try {
    return Result.parse(JSON.parse(stdout.slice(start, end + 1))).summary;
  } catch {
    return undefined;
  }
}

/** `fetch` takes no credentials in an address. */
function addressOf(url: string): string {
  if (URL.canParse(url)) return withoutCredentials(url);
  throw new GateError(`${BROKER_VARIABLE}=${url} is not an address`, { code: 'usage' });
}

const withoutCredentials = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');
