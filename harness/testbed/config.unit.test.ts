import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig, replacedPieces } from './config.ts';
import { userEndpoint } from './endpoints.ts';

describe('sagaproof.config.ts', () => {
  it('replaces a piece of infrastructure by an address', () => {
    const config = parseConfig({ addresses: { redis: { url: 'redis://cache:6380' } } }, 'c.ts');
    expect(replacedPieces(config)).toEqual(['redis']);
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
