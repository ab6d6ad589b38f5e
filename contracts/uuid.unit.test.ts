import addFormats from 'ajv-formats';
import { expect, it } from 'vitest';
import { isUuid } from './uuid.ts';

const UUID = '03527714-8c9a-7320-8b9a-245ec4f9cA3F';

/** What the format that it stands in for says. */
const FORMAT = addFormats.default.get('uuid') as RegExp;

it('takes what the format takes, and nothing else', () => {
  const others = ['', '-', '0', 'g', 'G', 'f', '/', ':', '@', '`', 'é', '\u{1f600}', '\n'];
  const edited = Array.from(UUID).flatMap((_, at) =>
    others.map((other) => `${UUID.slice(0, at)}${other}${UUID.slice(at + 1)}`),
  );
  const more = others.flatMap((other) => [`${other}${UUID}`, `${UUID}${other}`]);
  const urns = ['urn:uuid:', 'URN:UUID:', 'Urn:Uuid:', 'urn:uuid', 'urn:uuid:urn:uuid:', 'urn:'];
  const texts = [
    UUID,
    ...edited,
    ...more,
    ...[UUID, ...edited].flatMap((one) => urns.map((urn) => urn + one)),
  ];
  const taken = texts.filter((text) => isUuid(text));
  expect(taken).toEqual(texts.filter((text) => FORMAT.test(text)));
  expect(taken.length).toBeGreaterThan(100);
  expect(taken.length).toBeLessThan(texts.length / 2);
});
