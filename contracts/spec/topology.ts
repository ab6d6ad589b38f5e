import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  type FactFile,
  type FactPath,
  type FactSource,
  fixForName,
  parseFacts,
  readFactSource,
  refuseProblems,
} from './fact-file.ts';
import { TOPIC_TABLE_PATH, type TopicTable, TopicTableSchema } from './topics.ts';

const Name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a lower-case name');
const Names = z.array(Name).default([]);
const INSTANCES_MAX = 16;

const Infrastructure = z.strictObject({
  needs: Names.describe('Servers that it cannot run without.'),
  linkedBy: z
    .literal('topics')
    .optional()
    .describe('`topics`: each service that produces or consumes a topic has a link to it.'),
  runsWith: z
    .enum(['services', 'outboxes'])
    .optional()
    .describe('It runs whenever any service does, or any service with an outbox.'),
});

const Service = z.strictObject({
  ports: z.array(Name).min(1).describe('Names of the ports that an instance listens on.'),
  instances: z.int().min(1).max(INSTANCES_MAX).default(1).describe('How many run by default.'),
  grpc: z.string().optional().describe('Full name of the gRPC service that it serves.'),
  openapi: z.string().optional().describe('The document of its REST API.'),
  asyncapi: z.string().optional().describe('The document of its WebSocket messages.'),
  calls: Names.describe('Services that it calls over gRPC.'),
  stores: Names.describe('Servers in which it keeps state.'),
  uses: Names.describe('Other servers that it calls.'),
  outbox: z
    .boolean()
    .default(false)
    .describe('It publishes through an outbox table that Debezium reads.'),
});

/** contracts/topology.yaml, as it is written. */
export const TopologySchema = z
  .strictObject({
    infrastructure: z.record(Name, Infrastructure),
    services: z.record(Name, Service),
  })
  .describe('Services and servers of the system, and who depends on whom.');

export const TOPOLOGY_PATH = fileURLToPath(new URL('../topology.yaml', import.meta.url));

type Written = z.output<typeof TopologySchema>;

/** The topology with what follows from it. */
export interface Topology {
  readonly infrastructure: Readonly<
    Record<
      string,
      {
        readonly needs: readonly string[];
        readonly linkedBy?: 'topics' | undefined;
        readonly runsWith?: 'services' | 'outboxes' | undefined;
      }
    >
  >;
  readonly services: Readonly<
    Record<
      string,
      {
        readonly ports: readonly string[];
        readonly instances: number;
        readonly grpc?: string | undefined;
        readonly openapi?: string | undefined;
        readonly asyncapi?: string | undefined;
        readonly calls: readonly string[];
        readonly stores: readonly string[];
        readonly uses: readonly string[];
        readonly outbox: boolean;
      }
    >
  >;
  /** By service: everything that it reaches, each over a link of its own. */
  readonly links: Readonly<Record<string, readonly string[]>>;
}

/**
 * Parses a topology and the topic table that belongs to it.
 *
 * @param topicSource absent where no service uses topics
 * @throws FactFileError with the line, the problem and the fix of each
 */
export function parseTopology(topologySource: FactSource, topicSource?: FactSource): Topology {
  const topology = parseFacts(topologySource, TopologySchema);
  const topics = topicSource && parseFacts(topicSource, TopicTableSchema);
  refuseProblems([...dependencyProblems(topology), ...topicProblems(topology.value, topics)]);
  const { infrastructure, services } = topology.value;
  const linkedByTopics = Object.keys(infrastructure).filter(
    (name) => infrastructure[name]?.linkedBy === 'topics',
  );
  const links = Object.entries(services).map(([name, { calls, stores, uses }]) => {
    const messaging = topicUsers(topics?.value).has(name) ? linkedByTopics : [];
    return [name, [...calls, ...stores, ...messaging, ...uses]];
  });
  return { infrastructure, services, links: Object.fromEntries(links) };
}

/** Reads the topology of this system. */
export const readTopology = (
  path: string = TOPOLOGY_PATH,
  topicsPath: string = TOPIC_TABLE_PATH,
): Topology => parseTopology(readFactSource(path), readFactSource(topicsPath));

const topicUsers = (table: TopicTable | undefined): ReadonlySet<string> =>
  new Set(
    (table?.topics ?? []).flatMap(({ producers, consumers }) => [...producers, ...consumers]),
  );

function dependencyProblems(file: FactFile<Written>): string[] {
  const { infrastructure, services } = file.value;
  const servers = Object.keys(infrastructure);
  const names = Object.keys(services);
  const unknown = (path: FactPath, written: readonly string[], known: readonly string[]) =>
    written.flatMap((name, index) => {
      const at = [...path, index];
      if (!known.includes(name)) {
        const kind = known === names ? 'service' : 'server';
        return [file.problem(at, `there is no ${kind} ${name}`, fixForName(name, known))];
      }
      return written.indexOf(name) < index
        ? [file.problem(at, `${name} is listed twice`, 'remove one')]
        : [];
    });
  return [
    ...names
      .filter((name) => servers.includes(name))
      .map((name) =>
        file.problem(['services', name], `there is also a server ${name}`, 'rename one of them'),
      ),
    ...servers.flatMap((name) =>
      unknown(['infrastructure', name, 'needs'], infrastructure[name]?.needs ?? [], servers),
    ),
    ...names.flatMap((name) => {
      const { calls = [], stores = [], uses = [], outbox, grpc, ports = [] } = services[name] ?? {};
      const at = ['services', name];
      return [
        ...unknown([...at, 'calls'], calls, names),
        ...unknown([...at, 'stores'], stores, servers),
        ...unknown([...at, 'uses'], uses, servers),
        ...calls.flatMap((called, index) =>
          services[called] !== undefined && services[called].grpc === undefined
            ? [
                file.problem(
                  [...at, 'calls', index],
                  `${called} serves no gRPC`,
                  `add services.${called}.grpc`,
                ),
              ]
            : [],
        ),
        ...(outbox === true && !stores.includes('postgres')
          ? [file.problem([...at, 'outbox'], 'an outbox needs Postgres', 'add postgres to stores')]
          : []),
        ...(grpc !== undefined && !ports.includes('grpc')
          ? [file.problem([...at, 'grpc'], 'no port is named grpc', 'add grpc to ports')]
          : []),
      ];
    }),
  ];
}

function topicProblems({ services }: Written, file: FactFile<TopicTable> | undefined): string[] {
  if (file === undefined) return [];
  const known = Object.keys(services);
  return file.value.topics.flatMap((topic, index) =>
    (['producers', 'consumers'] as const).flatMap((role) =>
      topic[role].flatMap((name, place) =>
        known.includes(name)
          ? []
          : [
              file.problem(
                ['topics', index, role, place],
                `there is no service ${name}`,
                fixForName(name, known),
              ),
            ],
      ),
    ),
  );
}
