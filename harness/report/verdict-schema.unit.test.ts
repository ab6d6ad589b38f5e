import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { checkEvents } from '../invariants/check.ts';
import { goodStory } from '../invariants/testing/story.ts';
import { uuidOf } from '../invariants/testing/write-fixtures.ts';
import { VERDICT_SCHEMA_PATH, verdictJsonSchema } from './verdict-schema.ts';

const validate = new Ajv2020().compile(verdictJsonSchema());

/** As another program reads it. */
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('is what docs/reference has: write it anew with `pnpm generate`', () => {
  expect(JSON.parse(readFileSync(VERDICT_SCHEMA_PATH, 'utf8'))).toEqual(
    written(verdictJsonSchema()),
  );
});

it('describes every verdict', () => {
  const { to } = goodStory(uuidOf);
  to.without('a.notification', 'closed.spans', 'scenario.end');
  for (const verdict of [checkEvents(goodStory(uuidOf).to.build()), checkEvents(to.build())]) {
    expect(validate(written(verdict)), JSON.stringify(validate.errors)).toBe(true);
  }
});

it('refuses what is no verdict', () => {
  expect(validate({ verdict: 'perhaps' })).toBe(false);
});
