import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readTopology } from '#contracts/spec/topology.ts';
import { GRPC_SERVICES } from '../clients/grpc-services.generated.ts';
import { factOutputs } from './fact-outputs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it.each(Object.entries(factOutputs()))('%s is current (else run pnpm generate)', (file, text) => {
  expect(readFileSync(`${root}${file}`, 'utf8')).toBe(text);
});

it('gives each service the descriptor with the name in topology.yaml', () => {
  const { services } = readTopology();
  const names = Object.entries(GRPC_SERVICES).map(([service, { typeName }]) => [service, typeName]);
  const written = Object.entries(services).flatMap(([service, { grpc }]) =>
    grpc === undefined ? [] : [[service, grpc]],
  );
  expect(names).toEqual(written);
});
