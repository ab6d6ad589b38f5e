import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Invariant } from '../checker/invariant.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { SagaproofError } from '../kernel/errors.ts';
import type { SagaproofConfig } from '../testbed/config.ts';
import { findScenarios, SCENARIO_FOLDERS, type ScenarioFile } from './scenario-files.ts';

/** What a run can play and what it checks: Sagaproof's, and the user's from their configuration. */
export interface Project {
  readonly scenarios: readonly ScenarioFile[];
  readonly invariants: readonly Invariant[];
}

const MODULE = /(?<!\.(?:test|d))\.m?[jt]s$/;

/** @throws if a module has no invariant, or if two scenarios or invariants have one name */
export async function loadProject(config: SagaproofConfig): Promise<Project> {
  const scenarios = findScenarios([...SCENARIO_FOLDERS, ...config.scenarios]);
  const files = config.invariants.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => MODULE.test(name))
      .map((name) => join(folder, name)),
  );
  const definedIn = new Map(INVARIANTS.map(({ name }) => [name, 'Sagaproof']));
  const own: Invariant[] = [];
  for (const file of files.sort()) {
    const invariant = await loadInvariant(file);
    const other = definedIn.get(invariant.name);
    if (other !== undefined) {
      throw new SagaproofError(
        'config-invalid',
        `${file}: invariant ${invariant.name} is defined in ${other} too`,
        { file, fix: 'rename one of them' },
      );
    }
    definedIn.set(invariant.name, file);
    own.push(invariant);
  }
  return { scenarios, invariants: [...INVARIANTS, ...own] };
}

async function loadInvariant(file: string): Promise<Invariant> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (cause) {
    const message = `${file} cannot be loaded: ${(cause as Error).message}`;
    throw new SagaproofError('config-invalid', message, { file, cause });
  }
  const invariant = module.default as Partial<Invariant> | undefined;
  if (typeof invariant?.name === 'string' && typeof invariant.start === 'function') {
    return invariant as Invariant;
  }
  throw new SagaproofError('config-invalid', `${file} has no invariant`, {
    file,
    fix: 'write `export default defineInvariant({ … })`',
  });
}
