import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { checkEvents } from '../checker/check.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { VERDICT_SCHEMA_PATH, verdictJsonSchema } from './verdict-schema.ts';

const validate = new Ajv2020().compile(verdictJsonSchema());

/** The value as another program parses it. */
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('is stored in docs/reference (else run `pnpm generate`)', () => {
  expect(JSON.parse(readFileSync(VERDICT_SCHEMA_PATH, 'utf8'))).toEqual(
    written(verdictJsonSchema()),
  );
});

it('describes every verdict', () => {
  const { to } = goodStory(uuidOf);
  to.without('a.notification', 'closed.spans', 'scenario.end');
  for (const verdict of [
    checkEvents(goodStory(uuidOf).to.build(), INVARIANTS),
    checkEvents(to.build(), INVARIANTS),
  ]) {
    expect(validate(written(verdict)), JSON.stringify(validate.errors)).toBe(true);
  }
});

it('refuses a document that is not a verdict', () => {
  expect(validate({ verdict: 'perhaps' })).toBe(false);
});
