import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SERVICES } from '#harness/kernel/address-book.ts';
import { packageAsset } from '#harness/kernel/package-assets.ts';
import { findScenarios, SCENARIO_FOLDERS } from '#harness/runner/scenario-files.ts';
import { enumerateCells } from '../chaos/matrix/enumerate.ts';
import { FACTS } from '../chaos/matrix/facts.ts';
import { cellsMatching } from '../chaos/matrix/select.ts';
import { readModel } from '../load/model/read-model.ts';
import { readBugs } from './bug-catalogue.ts';

describe('the catalogue of bugs', () => {
  const bugs = readBugs();

  it('has each bug once, and some for every service', () => {
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
    expect(new Set(bugs.map(({ service }) => service))).toEqual(new Set(SERVICES));
  });

  it('fits the sources as they are', () => {
    const outOfDate = bugs.flatMap(({ name, edits }) =>
      edits
        .filter(({ file, find }) => placesOf(find, file) !== 1)
        .map(({ file }) => `${name}: ${file}`),
    );
    expect(outOfDate).toEqual([]);
  });

  it('plays something', () => {
    const idle = bugs.filter(
      ({ plays, cells, loads }) => plays.length + cells.length + loads.length === 0,
    );
    expect(idle).toEqual([]);
  });

  it('plays cells that the matrix has', () => {
    const cells = enumerateCells(FACTS);
    for (const glob of bugs.flatMap(({ cells }) => cells)) {
      expect(cellsMatching(cells, [glob]).length, glob).toBeGreaterThan(0);
    }
  });

  it('plays load models that there are', () => {
    for (const name of bugs.flatMap(({ loads }) => loads)) expect(readModel(name).name).toBe(name);
  });

  it('plays scenarios that there are', () => {
    const known = findScenarios(SCENARIO_FOLDERS).map(({ name }) => name);
    expect(bugs.flatMap(({ plays }) => plays.filter((name) => !known.includes(name)))).toEqual([]);
  });
});

const placesOf = (text: string, file: string): number =>
  readFileSync(packageAsset(file), 'utf8').split(text).length - 1;
