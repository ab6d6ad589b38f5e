import { describe, expect, it } from 'vitest';
import { readGateConfig } from './config.ts';
import type { Tree } from './sources/tree.ts';

const tree = (files: Readonly<Record<string, string>>): Tree => ({
  label: 'a version',
  root: '/none',
  read: (path) => files[path],
  list: () => [],
});
const TOPOLOGY = `
infrastructure: {}
services:
  entry: { ports: [http], calls: [billing, ledger] }
  report: { ports: [http], calls: [ledger] }
  billing: { ports: [grpc], grpc: acme.bills.v1.Bills }
  ledger: { ports: [grpc], grpc: acme.ledger.v1.Ledger }
`;

describe('callers', () => {
  it('come from the topology of the version', () => {
    const { callers, packages } = readGateConfig(tree({ 'contracts/topology.yaml': TOPOLOGY }));
    expect(callers).toEqual({ billing: ['entry'], ledger: ['entry', 'report'] });
    expect(packages).toEqual({ 'acme.bills.v1': 'billing', 'acme.ledger.v1': 'ledger' });
  });

  it('of gate.yaml override those of the topology', () => {
    const config = readGateConfig(
      tree({
        'contracts/topology.yaml': TOPOLOGY,
        'contracts/gate.yaml': 'callers: { billing: [shop] }\npackages: { acme.old.v1: billing }',
      }),
    );
    expect(config.callers).toEqual({ billing: ['shop'], ledger: ['entry', 'report'] });
    expect(config.packages).toMatchObject({ 'acme.old.v1': 'billing' });
  });

  it('are none without a topology', () => {
    expect(readGateConfig(tree({}))).toMatchObject({ callers: {}, packages: {} });
  });

  it('of an invalid topology are refused with version, line and fix', () => {
    const files = { 'contracts/topology.yaml': TOPOLOGY.replace('[ledger]', '[leger]') };
    expect(() => readGateConfig(tree(files))).toThrow(
      'a version: contracts/topology.yaml:5: services.report.calls[0]: there is no service leger; fix: write ledger',
    );
  });
});
