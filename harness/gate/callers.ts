import { parseTopology } from '#contracts/spec/topology.ts';
import { TOPICS_FILE } from './comparison.ts';
import { GateError } from './error.ts';
import type { Tree } from './sources/tree.ts';

export const TOPOLOGY_FILE = 'contracts/topology.yaml';

/** Who calls whom over gRPC. */
export interface Callers {
  /** By service: the services that call it. */
  readonly callers: Readonly<Record<string, readonly string[]>>;
  /** By protobuf package: the service that serves it. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The callers in the topology of a version; none when it has no topology. */
export function callersOf(tree: Tree): Callers {
  const text = tree.read(TOPOLOGY_FILE);
  if (text === undefined) return { callers: {}, packages: {} };
  const topics = tree.read(TOPICS_FILE);
  try {
    const { services } = parseTopology(
      { file: TOPOLOGY_FILE, text },
      topics === undefined ? undefined : { file: TOPICS_FILE, text: topics },
    );
    const served = Object.entries(services).filter(([, { grpc }]) => grpc !== undefined);
    const callersOfService = (name: string): string[] =>
      Object.keys(services).filter((caller) => services[caller]?.calls.includes(name));
    return {
      callers: Object.fromEntries(served.map(([name]) => [name, callersOfService(name)])),
      packages: Object.fromEntries(
        served.map(([name, { grpc = '' }]) => [grpc.slice(0, grpc.lastIndexOf('.')), name]),
      ),
    };
  } catch (error) {
    throw new GateError(`${tree.label}: ${(error as Error).message}`);
  }
}
