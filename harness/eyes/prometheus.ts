/** A Prometheus that scrapes a running stack and evaluates the rules of observability/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { stringify } from 'yaml';
import type { AddressBook } from '../kernel/address-book.ts';
import { SagaproofError } from '../kernel/errors.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { deadline, retry } from '../kernel/poll.ts';
import { NATIVE_HOST } from '../testbed/providers/native/host.ts';

const SCRAPE_INTERVAL = '1s';
const EVALUATION_INTERVAL = '1s';
const START_TIMEOUT_MS = 30_000;
/** Long enough for a demonstration; the data goes with the run folder. */
const RETENTION = '1d';
const KILL_AFTER_MS = 5_000;
/** The job of all services; alerts name it. */
const JOB = 'services';

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** Settles when it ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** One target for each instance that has an admin port, with the labels that its series have. */
export function scrapeConfiguration({ services }: Pick<AddressBook, 'services'>): string {
  const targets = Object.values(services).flatMap(({ service, instances }) =>
    instances.flatMap(({ id, host, ports: { admin } }) =>
      admin === undefined
        ? []
        : [{ targets: [`${host}:${admin}`], labels: { service, instance: id } }],
    ),
  );
  return stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, evaluation_interval: EVALUATION_INTERVAL },
    rule_files: [packageAsset('observability/rules.yaml')],
    // A service names itself and its instance in every series.
    scrape_configs: [{ job_name: JOB, honor_labels: true, static_configs: targets }],
  });
}

/**
 * Starts Prometheus for the instances that run now.
 *
 * @throws SagaproofError `tool-missing` where it is not installed
 */
export async function startPrometheus(options: {
  readonly addressBook: Pick<AddressBook, 'services' | 'runFolder'>;
  readonly port: number;
  readonly signal?: AbortSignal;
}): Promise<Prometheus> {
  const { addressBook, port, signal } = options;
  const program = await which('prometheus', { nothrow: true });
  if (program === null) {
    throw new SagaproofError('tool-missing', 'there is no `prometheus` on the PATH', {
      fix: 'apt-get install -y prometheus (Debian, Ubuntu) or brew install prometheus (macOS)',
    });
  }
  const folder = join(addressBook.runFolder, 'eyes');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, scrapeConfiguration(addressBook));
  const url = `http://${NATIVE_HOST}:${port}`;
  const log = { file: join(folder, 'prometheus.log') };
  const child = execa(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--storage.tsdb.retention.time=${RETENTION}`,
      `--web.listen-address=${NATIVE_HOST}:${port}`,
    ],
    { stdout: log, stderr: log, reject: false, forceKillAfterDelay: KILL_AFTER_MS },
  );
  const ended = child.then(() => undefined);
  await untilReady({ url, ended, logFile: log.file, signal }).catch(async (error) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    url,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

async function untilReady(options: {
  readonly url: string;
  readonly ended: Promise<void>;
  readonly logFile: string;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const { url, logFile } = options;
  using limit = deadline('Prometheus is ready', START_TIMEOUT_MS, options.signal);
  const answers = retry(
    'Prometheus answers',
    async () => {
      const response = await fetch(`${url}/-/ready`, { signal: limit.signal });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    },
    limit,
  );
  const gone = options.ended.then(() => {
    throw new SagaproofError('boot-failed', 'Prometheus ended at once', { file: logFile });
  });
  await Promise.race([answers, gone]);
}
