import { readdirSync } from 'node:fs';
import { basename, join, matchesGlob } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { SagaproofError } from '../kernel/errors.ts';
import { packageAsset } from '../kernel/package-assets.ts';

/** Where the scenarios of Sagaproof itself are. */
export const SCENARIO_FOLDERS: readonly string[] = [packageAsset('scenarios')];

/** A module that exports a scenario as its default. */
export interface ScenarioFile {
  /** The file's name without its extension; the scenario in it has the same. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

const EXTENSION = /\.m?[jt]s$/;
/** Modules in the same folder that are none. Helpers of scenarios go into a folder of their own. */
const OTHER = /\.(test|testkit|d)\.m?[jt]s$/;

/**
 * Finds the scenarios in folders (not in folders within them), sorted by name.
 *
 * @throws if two files have the same name
 */
export function findScenarios(folders: readonly string[]): ScenarioFile[] {
  const found = new Map<string, ScenarioFile>();
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile() || !EXTENSION.test(entry.name) || OTHER.test(entry.name)) continue;
      const name = basename(entry.name).replace(EXTENSION, '');
      const path = join(folder, entry.name);
      const other = found.get(name);
      if (other !== undefined) {
        throw new SagaproofError(
          'config-invalid',
          `two scenarios are named ${name}: ${other.path} and ${path}`,
          { file: path, fix: 'rename one of them' },
        );
      }
      found.set(name, { name, path });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** A name or glob that matches no scenario. */
export class UnknownScenario extends SagaproofError {
  constructor(message: string, fix: string) {
    super('unknown-name', message, { fix });
  }
}

/**
 * Picks scenarios by names and globs (`cancel-*`); all of them if there are no patterns.
 *
 * @throws UnknownScenario, with the nearest name, for a pattern that matches none
 */
export function pickScenarios(
  files: readonly ScenarioFile[],
  patterns: readonly string[],
): ScenarioFile[] {
  for (const pattern of patterns) {
    if (files.some(({ name }) => matchesGlob(name, pattern))) continue;
    const names = files.map(({ name }) => name);
    throw new UnknownScenario(
      `there is no scenario ${pattern}; did you mean ${closest(pattern, names)}?`,
      'list all scenarios with pnpm sagaproof scenario --list',
    );
  }
  return files.filter(
    ({ name }) => patterns.length === 0 || patterns.some((pattern) => matchesGlob(name, pattern)),
  );
}
