import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadDocument } from '../../../load/engine/load-document.ts';
import { LoadPlay } from '../../../load/engine/load-play.ts';
import type { LoadModel, Slo } from '../../../load/model/model-schema.ts';
import { MODELS } from '../../../load/model/models.ts';
import { checkedModel, checkedSlo, readModel, readSlo } from '../../../load/model/read-model.ts';
import { SLO_NAMES } from '../../../load/model/slo.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { unknownKeyMessage } from '../../kernel/suggestion.ts';
import { judgeRun } from '../../runner/judge.ts';
import { loadProject } from '../../runner/project.ts';
import { recordRun } from '../../runner/verification.ts';
import { result, resultJson } from '../../terminal/output.ts';
import { newTable } from '../../terminal/table.ts';
import { loadConfig } from '../../testbed/config.ts';
import { loadManifest } from '../../testbed/services/manifest.ts';
import { bootWithProgress, takeDownIfOwned } from '../boot.ts';
import { interruption } from '../interruption.ts';
import { createLoadView, renderLoad } from '../load-view.ts';
import { renderVerdict } from '../verdict-view.ts';

interface LoadCommandOptions {
  readonly model: string;
  readonly rate?: string;
  readonly sockets?: string;
  readonly duration?: string;
  readonly fault: readonly string[];
  readonly slo: readonly string[];
  readonly slos?: string;
  readonly seed?: string;
  readonly list?: boolean;
  readonly print?: boolean;
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly target: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
}

/** `sagaproof load` */
export async function playLoad(options: LoadCommandOptions): Promise<void> {
  if (options.list) {
    listModels(options.json === true);
    return;
  }
  const model = modelOf(options);
  const slo = sloOf(model, options);
  if (options.print) {
    resultJson({ model, slo });
    return;
  }
  const seed = options.seed ?? randomBytes(6).toString('hex');
  const project = await loadProject(await loadConfig(options.config));
  using interrupted = interruption();
  const stack = await bootWithProgress({
    keep: options.keep === true,
    subjects: [...options.subject, ...options.target].map((path) => loadManifest(path)),
    signal: interrupted.signal,
    eitherWire: true,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
  });
  const view = createLoadView(model);
  const play = new LoadPlay({ model, slo, onProgress: view.onProgress });
  try {
    const recorded = await recordRun({
      stack,
      seed,
      scenarios: play,
      invariants: project.invariants,
      onPhase: view.onPhase,
      signal: interrupted.signal,
    }).finally(view.close);
    interrupted.signal.throwIfAborted();
    const again = commandOf(options, seed);
    const { invariants } = project;
    const verdict = await judgeRun(recorded, { selection: true, again, invariants });
    const load = play.document as LoadDocument;
    await writeFile(join(recorded.runFolder, 'load.json'), `${JSON.stringify(load, null, 2)}\n`);
    if (options.json) resultJson({ ...verdict, load });
    else
      result(`${renderLoad(load)}\n${renderVerdict(verdict, recorded, { again, stack: false })}`);
    process.exitCode = EXIT_CODES[verdict.verdict];
  } finally {
    await takeDownIfOwned(stack);
  }
}

function listModels(json: boolean): void {
  const models = MODELS.map(({ name, claims }) => ({ name, claims }));
  if (json) {
    resultJson({ models });
    return;
  }
  const table = newTable(['model', 'what it claims']);
  for (const { name, claims } of models) table.push([name, claims]);
  result(table.toString());
}

/** The model with what the options change. */
function modelOf(options: LoadCommandOptions): LoadModel {
  const model = readModel(options.model);
  const rate = numberOf('--rate', options.rate);
  const duration = numberOf('--duration', options.duration);
  const sockets = numberOf('--sockets', options.sockets);
  const { perUser } = model.sockets;
  const changed = {
    ...model,
    ...(duration === undefined ? {} : { durationSeconds: duration }),
    ...(options.fault.length === 0 ? {} : { faults: options.fault }),
    ...(rate === undefined ? {} : ratesOf(model, rate)),
    ...(sockets === undefined
      ? {}
      : { sockets: { ...model.sockets, users: Math.max(1, Math.ceil(sockets / perUser)) } }),
  };
  return checkedModel(changed, options.model);
}

function ratesOf({ updates, sagas, name }: LoadModel, perSecond: number): Partial<LoadModel> {
  if (updates !== undefined) return { updates: { ...updates, perSecond } };
  if (sagas !== undefined) return { sagas: { ...sagas, perSecond } };
  throw new SagaproofError('usage', `model ${name} has no rate that --rate could change`, {
    fix: 'use a model with updates or sagas, such as fan-out',
  });
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new SagaproofError('usage', `${option} ${text} is not a number above 0`, {
    fix: `pass a number, such as ${option} 20`,
  });
}

/** The limits of the SLO file with those of options in their place. */
function sloOf(model: LoadModel, { slo: texts, slos }: LoadCommandOptions): Slo {
  const given = texts.map((text) => {
    const [name = '', value = ''] = text.split('=');
    if (!(SLO_NAMES as readonly string[]).includes(name)) {
      throw new SagaproofError('usage', unknownKeyMessage(name, SLO_NAMES, '--slo'), {
        fix: 'write it like deliveryP99Ms=300',
      });
    }
    return [name, Number(value)] as const;
  });
  return checkedSlo({ ...readSlo(model.slo, slos), ...Object.fromEntries(given) }, '--slo');
}

/** The command that plays the same again. */
function commandOf(options: LoadCommandOptions, seed: string): string {
  const { model, rate, sockets, duration, slos } = options;
  const values = { model, rate, sockets, duration, slos, seed };
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  const lists = { fault: options.fault, slo: options.slo, subject: options.subject };
  const more = Object.entries({ ...lists, target: options.target }).flatMap(([name, list]) =>
    list.map((value) => `--${name} ${value}`),
  );
  return ['pnpm sagaproof load', ...words, ...more].join(' ');
}
