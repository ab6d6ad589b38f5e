// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested.
import { describe, expect, it } from 'vitest';
import { checkPlaceholders } from './check-placeholders.ts';
import type { ServiceDefinition } from './definition.ts';
import { ServiceManifest } from './manifest.ts';

const check = (more: object) =>
  checkPlaceholders({
    service: 'inventory',
    subject: true,
    file: 'm.yaml',
    folder: '.',
    manifest: ServiceManifest.parse({
      ...{ service: 'inventory', version: '1', command: ['./a'], ports: ['grpc'] },
      ...{ readiness: { grpc: '127.0.0.1:${port.grpc}' }, ...more },
    }),
  } satisfies ServiceDefinition);

describe('placeholders of a manifest, before it is built', () => {
  it('pass when a stack has them', () => {
    const env = { A: '${link.kafka} ${db.url} ${instance.id} ${otlp.url}', B: '$${x}' };
    expect(() => check({ env })).not.toThrow();
  });

  it.each([
    [{ env: { A: '${link.redis}' } }, /m\.yaml: env\.A: this service has no \$\{link\.redis\}/],
    [{ command: ['./a', '${port.http}'] }, /m\.yaml: command\[1\]: \$\{port\.http\} is not listed/],
    [{ readiness: { tcp: '${port.tcp}' } }, /m\.yaml: readiness\.tcp/],
  ])('are refused with their place: %j', (more, message) => {
    expect(() => check(more)).toThrow(message);
  });
});
