import { describe, expect, it } from 'vitest';
import { languageOf } from './language.ts';
import { ServiceManifest } from './manifest.ts';

const manifest = (more: object) =>
  ServiceManifest.parse({
    service: 'auth',
    version: '1',
    readiness: { tcp: '127.0.0.1:1' },
    ...more,
  });

describe('the language of a service', () => {
  it.each([
    ['Go', { build: ['go', 'build', '-o', 'build/a', '.'], command: ['build/a'] }],
    ['Python', { build: ['./build.sh'], command: ['build/bin/python', 'auth.py'] }],
    ['TypeScript', { command: ['node', 'main.ts'] }],
    ['JavaScript', { command: ['node', 'main.js'] }],
    ['Java', { command: ['java', '-jar', 'target/a.jar'] }],
    ['Kotlin', { language: 'Kotlin', command: ['java', '-jar', 'target/a.jar'] }],
    [undefined, { command: ['./a'] }],
    [undefined, { address: { host: 'h', ports: { grpc: 1 } } }],
  ])('is %s', (language, more) => {
    expect(languageOf(manifest(more))).toBe(language);
  });
});
