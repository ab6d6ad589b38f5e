import { dirname } from 'node:path';
import { type Problem, ProvisionError, problemsOf } from './error.ts';
import {
  asInstalled,
  ensurePiece,
  type Installed,
  type InstalledPiece,
  inspectPiece,
  type Piece,
  type ProvisionEvent,
} from './piece.ts';
import { touchEntry } from './prune.ts';

export interface EnsurePiecesOptions {
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProvisionEvent) => void;
}

/** Splits pieces, given in the order of their needs, into what is whole and what is to be made. */
export function inspectPieces(
  pieces: readonly Piece[],
  cache: string,
): { readonly installed: Map<string, InstalledPiece>; readonly missing: readonly Piece[] } {
  const installed = new Map<string, InstalledPiece>();
  const missing: Piece[] = [];
  for (const piece of pieces) {
    // Without its needs a piece has no key yet, and will hardly be there.
    const known = piece.needs.every((name) => installed.has(name));
    const found = known ? inspectPiece(piece, cache, installed) : { state: 'missing' as const };
    if (found.state === 'ok') installed.set(piece.name, asInstalled(found));
    else missing.push(piece);
  }
  return { installed, missing };
}

/** Every piece, each as soon as what it needs is there; all problems are told together. */
export async function ensurePieces(
  pieces: readonly Piece[],
  options: EnsurePiecesOptions,
): Promise<Installed> {
  const { installed, missing } = inspectPieces(pieces, options.cache);
  await Promise.all([...installed.values()].map(({ folder }) => touchEntry(dirname(folder))));
  if (missing.length === 0) return installed;
  await refuseLacks(missing);
  options.onEvent({ kind: 'plan', pieces: missing.map(({ name, title }) => ({ name, title })) });
  const problems: Problem[] = [];
  const work = new Map<string, Promise<void>>();
  for (const piece of missing) {
    work.set(piece.name, ensureAfterNeeds(piece, { ...options, installed, problems, work }));
  }
  await Promise.all(work.values());
  if (options.signal.aborted) throw interrupted(options.signal.reason);
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ProvisionError([first, ...rest]);
  return installed;
}

function interrupted(cause: unknown): ProvisionError {
  const message = 'the installation was interrupted';
  const mend = 'run the same command again; finished work is kept';
  return new ProvisionError([{ piece: 'provisioning', code: 'interrupted', message, mend }], {
    cause,
  });
}

async function ensureAfterNeeds(
  piece: Piece,
  options: EnsurePiecesOptions & {
    readonly installed: Map<string, InstalledPiece>;
    readonly problems: Problem[];
    readonly work: ReadonlyMap<string, Promise<void>>;
  },
): Promise<void> {
  const { installed, problems, onEvent } = options;
  await Promise.all(piece.needs.map((name) => options.work.get(name)));
  const lacking = piece.needs.find((name) => !installed.has(name));
  if (lacking !== undefined) {
    onEvent({ kind: 'skipped', piece: piece.name, because: `${lacking} is not there` });
    return;
  }
  try {
    installed.set(piece.name, await ensurePiece(piece, options));
  } catch (error) {
    const found = problemsOf(piece.name, error, options.cache);
    onEvent({ kind: 'failed', piece: piece.name, problems: found });
    if (!piece.optional) problems.push(...found);
  }
}

/** A machine that lacks a tool is told at once, and about all of them, before anything runs. */
async function refuseLacks(missing: readonly Piece[]): Promise<void> {
  const lacks = await Promise.all(missing.map(async (piece) => (await piece.lacks?.()) ?? []));
  const [first, ...rest] = lacks.flat();
  if (first !== undefined) throw new ProvisionError([first, ...rest]);
}
