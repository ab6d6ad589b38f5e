import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig, replacedComponents } from './config.ts';
import { userEndpoint } from './endpoints.ts';

describe('sagaproof.config.ts', () => {
  it('replaces an infrastructure component by an address', () => {
    const config = parseConfig({ addresses: { redis: { url: 'redis://cache:6380' } } }, 'c.ts');
    expect(replacedComponents(config)).toEqual(['redis']);
    expect(userEndpoint('redis', config.addresses)).toEqual({
      provider: 'address',
      host: 'cache',
      port: 6380,
    });
    expect(userEndpoint('kafka', config.addresses)).toBeUndefined();
  });

  it('knows the usual port of an address without one', () => {
    const config = parseConfig({ addresses: { postgres: { url: 'postgres://u:p@db/x' } } }, 'c.ts');
    expect(userEndpoint('postgres', config.addresses)?.port).toBe(5432);
  });

  it.each([
    [{ adresses: {} }, 'c.ts: there is no adresses; did you mean addresses?'],
    [
      { addresses: { kafca: { bootstrap: 'a:1' } } },
      'c.ts: there is no kafca in addresses; did you mean kafka?',
    ],
    [
      { addresses: { redis: { uri: 'redis://x' } } },
      'there is no uri in addresses.redis; did you mean url?',
    ],
    [{ addresses: { kafka: { bootstrap: 'nowhere' } } }, 'is not host:port'],
  ])('refuses %j and says what to write instead', (value, message) => {
    expect(() => parseConfig(value, 'c.ts')).toThrow(message);
  });

  it('says which file the user named that is not there', async () => {
    await expect(loadConfig('/nowhere/sagaproof.config.ts')).rejects.toThrow(
      '/nowhere/sagaproof.config.ts does not exist',
    );
  });
});

describe('a problem of a configuration file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    [
      'an unknown key',
      'export default {\n  addresses: {\n    kafca: { bootstrap: "a:1" },\n  },\n};\n',
      ':3: there is no kafca in addresses; did you mean kafka?',
    ],
    [
      'a wrong value',
      'export default {\n  subjects: [],\n  addresses: {\n    kafka: { bootstrap: 7 },\n  },\n};\n',
      ':4: addresses.kafka.bootstrap: ',
    ],
    [
      'a folder that does not exist',
      'export default {\n  scenarios: ["nowhere"],\n};\n',
      ':2: scenarios: nowhere is not a folder; fix: make ',
    ],
  ])('has the line: %s', async (_, text, message) => {
    const file = join(folder, 'sagaproof.config.mts');
    writeFileSync(file, text);
    await expect(loadConfig(file)).rejects.toThrow(`${file}`);
    await expect(loadConfig(file)).rejects.toThrow(message);
  });
});
