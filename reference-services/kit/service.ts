import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { startAdmin } from './admin.ts';
import { type CommonConfig, ConfigError, readConfig } from './config.ts';
import { Health } from './health.ts';
import { startTelemetry, traceIds } from './telemetry.ts';

/** How long a drain may take before the process ends anyway. */
const DRAIN_DEADLINE_MS = 10_000;

/** sysexits.h EX_SOFTWARE: our own mistake. */
const EXIT_SOFTWARE = 70;
const EXIT_CONFIG = 2;
const EXIT_FAILED = 1;

/** What a log line must never show, wherever it is nested. */
const SECRETS = ['password', 'token', 'accessToken', 'access_token', 'authorization', 'cardToken'];

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Ids {
  /** A UUID version 7. */
  uuid(): string;
}

/** What a service's parts are built from. */
export interface ServiceContext {
  readonly name: string;
  readonly instance: string;
  /** Where servers listen. */
  readonly listenHost: string;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
  /** Disposed in reverse order, after every drain step. */
  readonly resources: AsyncDisposableStack;
  /** Run before the disposal, in reverse order of registration. */
  onDrain(step: () => Promise<void>): void;
  /** Aborted when the drain starts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A context that lives in this process, with its end in the caller's hands. */
export interface OwnedContext extends ServiceContext {
  /** Drains, then disposes. Never rejects; failures are logged. */
  end(): Promise<void>;
}

/** JSON log lines on stdout, with the trace they belong to and without secrets. */
export function createLogger(
  config: Pick<CommonConfig, 'LOG_LEVEL'> & Partial<CommonConfig>,
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options: LoggerOptions = {
    level: config.LOG_LEVEL,
    base: { service: config.SERVICE_NAME, instance: config.SERVICE_INSTANCE },
    mixin: traceIds,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]) },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, destination);
}

/** Makes a context. `runService` is what a service uses; tests use this. */
export function createContext(config: CommonConfig, log: Logger): OwnedContext {
  const draining = new AbortController();
  const steps: Array<() => Promise<void>> = [];
  const resources = new AsyncDisposableStack();
  const metrics = new Registry();
  metrics.setDefaultLabels({ service: config.SERVICE_NAME, instance: config.SERVICE_INSTANCE });
  return {
    name: config.SERVICE_NAME,
    instance: config.SERVICE_INSTANCE,
    listenHost: config.LISTEN_HOST,
    log,
    metrics,
    health: new Health(),
    resources,
    onDrain: (step) => void steps.push(step),
    signal: draining.signal,
    clock: { now: () => Date.now() },
    ids: { uuid: () => uuidv7() },
    async end() {
      draining.abort();
      for (const step of steps.reverse()) {
        await step().catch((error: unknown) => log.error({ err: error }, 'a drain step failed'));
      }
      await resources
        .disposeAsync()
        .catch((error: unknown) => log.error({ err: error }, 'a resource did not close'));
    },
  };
}

/**
 * Runs a service from start to SIGTERM: reads its environment, starts the admin server and
 * telemetry, composes it, reports ready, and drains on SIGTERM or SIGINT.
 *
 * @param compose builds the service; `main.ts` is the only caller
 */
export async function runService<S extends z.ZodType<CommonConfig>>(
  schema: S,
  compose: (config: z.infer<S>, context: ServiceContext) => Promise<void>,
): Promise<void> {
  const config = readConfigOrExit(schema);
  const log = createLogger(config);
  const crash = (error: unknown) => {
    log.fatal({ err: error }, 'the service is broken');
    process.exit(EXIT_SOFTWARE);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const context = createContext(config, log);
  drainOnSignals(context);
  try {
    context.resources.use(
      startTelemetry({
        service: config.SERVICE_NAME,
        instance: config.SERVICE_INSTANCE,
        url: config.OTLP_URL,
      }),
    );
    collectDefaultMetrics({ register: context.metrics, eventLoopMonitoringPrecision: 100 });
    const address = await startAdmin(context, config.ADMIN_PORT);
    log.info({ admin: address }, 'starting');
    await compose(config, context);
    context.health.markComposed();
    log.info('ready');
  } catch (error) {
    if (context.signal.aborted) return;
    log.fatal({ err: error }, 'the service could not start');
    await context.end();
    process.exit(EXIT_FAILED);
  }
}

function readConfigOrExit<S extends z.ZodType>(schema: S): z.infer<S> {
  try {
    return readConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

function drainOnSignals(context: OwnedContext): void {
  let draining = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (draining) {
      context.log.warn({ signal }, 'second signal: exiting at once');
      process.exit(EXIT_FAILED);
    }
    draining = true;
    context.log.info({ signal }, 'draining');
    context.health.markDraining();
    const late = setTimeout(() => {
      context.log.error({ deadlineMs: DRAIN_DEADLINE_MS }, 'the drain took too long');
      process.exit(EXIT_FAILED);
    }, DRAIN_DEADLINE_MS);
    void context.end().finally(() => {
      clearTimeout(late);
      context.log.info('drained');
      process.exit(0);
    });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
