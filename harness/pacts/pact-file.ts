import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SagaproofError } from '../kernel/errors.ts';

const Interaction = z.looseObject({
  type: z.enum(['Synchronous/HTTP', 'Synchronous/Messages', 'Asynchronous/Messages']),
  description: z.string().min(1),
  providerStates: z.array(z.looseObject({ name: z.string() })).default([]),
});

const PactFile = z.looseObject({
  consumer: z.object({ name: z.string().min(1) }),
  provider: z.object({ name: z.string().min(1) }),
  interactions: z.array(Interaction).min(1, 'has no interactions'),
});

export type PactInteraction = z.infer<typeof Interaction>;

/** One pact as it lies in a folder. */
export interface LoadedPact {
  readonly file: string;
  readonly consumer: string;
  readonly provider: string;
  readonly interactions: readonly PactInteraction[];
  /** The whole document. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A folder or a file of pacts that cannot be used: names it and what to do. */
export class PactError extends SagaproofError {
  override readonly name = 'PactError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('pact-invalid', message, details);
  }
}

/** Every pact in a folder, by file name. Throws PactError for one that is none. */
export function readPacts(folder: string): LoadedPact[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (cause) {
    throw new PactError(`${folder} cannot be read: name a folder of pacts with --pacts`, { cause });
  }
  if (files.length === 0) {
    throw new PactError(`${folder} has no pact (*.json): let the contract tests write them`);
  }
  return files.sort().map((name) => readPact(join(folder, name)));
}

function readPact(file: string): LoadedPact {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new PactError(`${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = PactFile.safeParse(document);
  if (!parsed.success) {
    throw new PactError(`${file} is no pact of version 4:\n${z.prettifyError(parsed.error)}`);
  }
  const { consumer, provider, interactions } = parsed.data;
  return {
    file,
    consumer: consumer.name,
    provider: provider.name,
    interactions,
    document: document as Readonly<Record<string, unknown>>,
  };
}
