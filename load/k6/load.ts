/**
 * Plays a load model with k6 1.8 or later: `k6 run -e MODEL=fan-out load/k6/load.ts`. See
 * docs/how-to/run-the-same-with-k6.md for the variables.
 */
import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { setTimeout } from 'k6/timers';
import { levelsOf } from '../model/jobs.ts';
import type { LoadModel, LoadModelInput, Slo, SloInput } from '../model/model-schema.ts';
import { MODELS } from '../model/models.ts';
import { thresholdsOf } from '../model/slo.ts';
import { SLOS } from '../model/slos.ts';
import { K6Customer, type Target } from './customer.ts';

interface Prepared {
  readonly tokens: readonly string[];
  readonly startMs: number;
}

const env = (name: string, otherwise?: string): string => {
  const value = __ENV[name] ?? otherwise;
  if (value === undefined) throw new Error(`set ${name}: k6 run -e ${name}=…`);
  return value;
};

/** With the defaults of the schema, which k6 cannot load. */
function withDefaults(model: LoadModelInput): LoadModel {
  const { sockets } = model;
  return {
    ...model,
    faults: model.faults ?? [],
    sockets: {
      ...{ perUser: 1, openedPerSecond: 100, subscribe: 'all-jobs', slowShare: 0 },
      ...sockets,
      levels: { ...{ outcome: 0, progress: 0, detail: 0 }, ...(sockets.levels ?? { detail: 1 }) },
    },
    updates: model.updates && { perJob: 20, payloadBytes: 0, ...model.updates },
    churn: model.churn && { cutShare: 0.5, ...model.churn },
  } as LoadModel;
}

const NEVER = { gaps: 0, duplicates: 0, reorders: 0, leaks: 0, unfinished: 0, errorShareMax: 0 };

/** A built-in model, or what `sagaproof load --print` wrote of any. */
function chosen(): { readonly model: LoadModel; readonly slo: Partial<Slo> } {
  const file = __ENV['MODEL_FILE'];
  if (file !== undefined) return JSON.parse(open(file)) as { model: LoadModel; slo: Slo };
  const name = env('MODEL', 'fan-out');
  const model = MODELS.find((one) => one.name === name);
  if (model === undefined) {
    throw new Error(`no model ${name}: ${MODELS.map((one) => one.name).join(', ')}`);
  }
  const slo: SloInput = SLOS[model.slo];
  return { model: withDefaults(model), slo: { ...NEVER, ...slo } as Partial<Slo> };
}

const { model, slo } = chosen();
const { users, perUser, openedPerSecond, levels, slowShare } = model.sockets;
const RAMP_MS = (users * perUser * 1_000) / openedPerSecond;
/** After the last arrival, for what is under way. */
const DRAIN_MS = Number(env('DRAIN_SECONDS', '15')) * 1_000;
const durationMs = Number(env('DURATION', String(model.durationSeconds))) * 1_000;
const target: Target = {
  webSocketUrls: env('WS_URLS', 'ws://localhost:8080/v1/updates').split(','),
  gatewayUrl: env('GATEWAY_URL', 'http://localhost:8000'),
  orderBody: env('ORDER_BODY', '{}'),
};

export const options: Options = {
  scenarios: {
    customers: {
      executor: 'per-vu-iterations',
      vus: users,
      iterations: 1,
      maxDuration: `${Math.ceil((RAMP_MS + durationMs + DRAIN_MS) / 1_000) + 60}s`,
    },
  },
  thresholds: thresholdsOf(slo),
  summaryTrendStats: ['count', 'med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
};

/** Tokens that are given, separated by commas, or new ones of a stack's issuer. */
export function setup(): Prepared {
  const tokens = __ENV['TOKENS'] === undefined ? mint() : env('TOKENS').split(',');
  if (tokens.length < users) throw new Error(`${users} tokens are needed, not ${tokens.length}`);
  return { tokens, startMs: Date.now() + RAMP_MS };
}

function mint(): string[] {
  const url = env('MINT_URL');
  const headers = { 'content-type': 'application/json' };
  return Array.from({ length: users }, (_, user) => {
    const claims = { sub: `k6-user-${user}`, groups: ['customers'], expiresInSeconds: 7_200 };
    const response = http.post(url, JSON.stringify(claims), { headers });
    return String(response.json('access_token'));
  });
}

/** One customer: its sockets are opened at its place in the ramp. */
export default function customer({ tokens, startMs }: Prepared): void {
  const number = exec.vu.idInTest - 1;
  const all = levelsOf(levels, users * perUser);
  const isSlow = Math.floor((number + 1) * slowShare) > Math.floor(number * slowShare);
  const play = () =>
    new K6Customer({
      ...{ model: { ...model, durationSeconds: durationMs / 1_000 }, target, number, isSlow },
      ...{ token: tokens[number] ?? '', customers: users, startMs },
      levels: all.slice(number * perUser, (number + 1) * perUser),
      endMs: startMs + durationMs + DRAIN_MS,
    }).play();
  setTimeout(play, Math.max(0, startMs - RAMP_MS + (RAMP_MS * number) / users - Date.now()));
}
