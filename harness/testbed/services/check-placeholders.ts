import { LINKS } from '../links.ts';
import type { ServiceDefinition } from './definition.ts';
import { replacePlaceholders } from './placeholders.ts';

/** Some address: what is checked here is whether there is one. */
const ANY = '127.0.0.1:1';

/**
 * Refuses placeholders that no stack has, before anything is built or started. Those that only this
 * stack lacks, because not all of it runs, are refused when it is planned.
 *
 * @throws ManifestError with the place in the manifest
 */
export function checkPlaceholders({ service, manifest, file }: ServiceDefinition): void {
  const ports = [...manifest.ports, ...Object.keys(manifest.address?.ports ?? {})];
  const links = LINKS[service];
  const values = new Map([
    ...['instance.id', 'oidc.issuer', 'oidc.audience', 'otlp.url'].map(
      (name) => [name, ANY] as const,
    ),
    ...ports.map((name) => [`port.${name}`, ANY] as const),
    ...links.map((name) => [`link.${name}`, ANY] as const),
    ...(links.some((name) => name === 'postgres') ? [['db.url', ANY] as const] : []),
  ]);
  const { readiness, command = [], env } = manifest;
  const texts: ReadonlyArray<readonly [string, string | undefined]> = [
    ...(['http', 'grpc', 'tcp'] as const).map(
      (kind) => [`readiness.${kind}`, readiness[kind]] as const,
    ),
    ...command.map((part, index) => [`command[${index}]`, part] as const),
    ...Object.entries(env).map(([name, value]) => [`env.${name}`, value] as const),
  ];
  for (const [place, text] of texts) {
    if (text !== undefined) replacePlaceholders(text, values, `${file}: ${place}`);
  }
}
