import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageAsset } from '../kernel/package-assets.ts';
import { parseAll } from './parse-all.ts';

describe('the contracts that everything works with', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'contracts-'));
    cpSync(packageAsset('avro'), join(root, 'avro'), { recursive: true });
    for (const name of ['topics', 'openapi', 'asyncapi']) {
      const file = `contracts/spec/${name}.yaml`;
      cpSync(packageAsset(file), join(root, file));
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('can be read', () => {
    expect(() => parseAll(root)).not.toThrow();
  });

  it.each([
    ['avro/order.events.avsc', '{"type": "record"', /avro\/order\.events\.avsc: .*position 17/],
    ['avro/order.events.avsc', '{"type": "recrod"}', /avro\/order\.events\.avsc: .*recrod/],
    ['contracts/spec/openapi.yaml', 'openapi: [', /contracts\/spec\/openapi\.yaml: .*line 1/],
    ['contracts/spec/asyncapi.yaml', '', /contracts\/spec\/asyncapi\.yaml: it is no document/],
    [
      'contracts/spec/topics.yaml',
      'topics: 3',
      /contracts\/spec\/topics\.yaml:1: topics: is not of type array/,
    ],
  ])('are reported by name and place when they cannot: %s with %j', (file, text, says) => {
    writeFileSync(join(root, file), text);
    expect(() => parseAll(root)).toThrow(says);
    expect(() => parseAll(root)).toThrow(
      /^a contract cannot be read; correct it, or .*git restore/,
    );
  });

  it('are all reported at once', () => {
    writeFileSync(join(root, 'avro/order.events.avsc'), '{');
    writeFileSync(join(root, 'contracts/spec/openapi.yaml'), '[');
    expect(() => parseAll(root)).toThrow(
      /contracts cannot be read.*\n.*openapi.*[\s\S]*order\.events/,
    );
  });
});
