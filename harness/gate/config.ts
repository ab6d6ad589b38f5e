import { parse } from 'yaml';
import { z } from 'zod';
import { REST_SERVICE, SOCKET_SERVICE } from '../kernel/system.ts';
import { type Callers, callersOf } from './callers.ts';
import { GateError } from './error.ts';
import type { Tree } from './sources/tree.ts';

export const CONFIG_FILE = 'contracts/gate.yaml';

/**
 * Buf's rules that the gate uses, chosen here alone. WIRE_JSON covers bytes and JSON; the other
 * three cover calls, which it does not. FILE protects generated source code, which no deployed
 * process reads; add it in contracts/gate.yaml when the module is published.
 */
const BUF_RULES = ['WIRE_JSON', 'RPC_NO_DELETE', 'PACKAGE_SERVICE_NO_DELETE'] as const;

const Document = z.strictObject({
  file: z.string(),
  /** The service that serves it. */
  provider: z.string(),
  /** Its clients, as the gate's output names them. */
  clients: z.array(z.string()).default(['its clients']),
});
export type DocumentConfig = z.infer<typeof Document>;

const Config = z.strictObject({
  avro: z.strictObject({ folder: z.string().default('avro') }).prefault({}),
  protobuf: z
    .strictObject({
      module: z.string().default('proto'),
      rules: z
        .array(z.string())
        .min(1)
        .default([...BUF_RULES]),
    })
    .prefault({}),
  openapi: z
    .array(Document)
    .default([
      { file: 'contracts/spec/openapi.yaml', provider: REST_SERVICE, clients: ['web client'] },
    ]),
  asyncapi: z
    .array(Document)
    .default([
      { file: 'contracts/spec/asyncapi.yaml', provider: SOCKET_SERVICE, clients: ['web client'] },
    ]),
  pacts: z.strictObject({ folder: z.string().default('contracts/pacts') }).prefault({}),
  /** By service: the services that call it over gRPC. Overrides contracts/topology.yaml. */
  callers: z.record(z.string(), z.array(z.string())).default({}),
  /** By protobuf package: the service that serves it. Overrides contracts/topology.yaml. */
  packages: z.record(z.string(), z.string()).default({}),
});
export type GateConfig = Omit<z.infer<typeof Config>, keyof Callers> & Callers;

/**
 * The gate's settings in the compared version. Every key has a default; for callers and packages
 * it is the topology of that version.
 */
export function readGateConfig(tree: Tree): GateConfig {
  const text = tree.read(CONFIG_FILE);
  let value: unknown = {};
  try {
    value = text === undefined ? {} : (parse(text) ?? {});
  } catch (error) {
    throw new GateError(`${CONFIG_FILE} is not YAML: ${(error as Error).message}`, {
      code: 'config-invalid',
      file: CONFIG_FILE,
    });
  }
  const parsed = Config.safeParse(value);
  if (parsed.success) {
    const { callers, packages, ...rest } = parsed.data;
    const derived = callersOf(tree);
    return {
      ...rest,
      callers: { ...derived.callers, ...callers },
      packages: { ...derived.packages, ...packages },
    };
  }
  throw new GateError(`${CONFIG_FILE} is not valid: ${z.prettifyError(parsed.error)}`, {
    code: 'config-invalid',
    file: CONFIG_FILE,
  });
}
