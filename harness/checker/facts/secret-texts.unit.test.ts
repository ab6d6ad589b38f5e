import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretTexts } from './secret-texts.ts';

const FORMS = [
  `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLWEifQ.${'s'.repeat(40)}`,
  'postgres://order:s3cret@127.0.0.1:5432/order',
];
const secret = fc.oneof(
  fc.constantFrom(...FORMS),
  fc.stringMatching(/^tok_[a-z0-9]{4,12}$/),
  fc.stringMatching(/^[a-z]{3,8}@[a-z]{3,8}\.example$/),
);

function knowing(texts: readonly string[]): SecretTexts {
  const secrets = new SecretTexts();
  for (const text of texts) secrets.note(text, 'a card token');
  return secrets;
}

describe('a quick look for secrets', () => {
  it('never passes over a secret', () => {
    fc.assert(
      fc.property(secret, fc.array(secret), fc.string(), fc.string(), (shown, known, ...around) => {
        const secrets = knowing([...known, shown]);
        const text = around.join(` ${shown} `);
        expect(secrets.in(text)).toBeDefined();
        expect(secrets.mayBeIn(JSON.stringify({ field: text }))).toBe(true);
      }),
    );
  });

  it('sees that one may be there when JSON writes it with escapes', () => {
    expect(knowing(['tok_visa']).mayBeIn('{"a":"\\u0074ok_visa"}')).toBe(true);
  });

  it('passes over a text that has nothing of a secret', () => {
    expect(knowing(['tok_visa', 'a@b.example']).mayBeIn('{"type":"StockReserved"}')).toBe(false);
  });

  it('always looks closer when tokens have nothing in common', () => {
    const tokens = Array.from({ length: 20 }, (_, place) => `${place + 10}-token`);
    expect(knowing(tokens).mayBeIn('{}')).toBe(true);
  });
});
