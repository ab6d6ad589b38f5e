import { randomUUID } from 'node:crypto';
import { copyFile, cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../kernel/child-command.ts';
import { javaProperties } from '../../kernel/java-properties.ts';
import {
  type JavaRuntime,
  type JvmServer,
  type JvmServerName,
  jvmCommand,
  type RunAs,
} from '../installation.ts';
import { bootCacheFile, demandCacheFlag, trainCacheFlag, useCacheFlag } from '../jvm-servers.ts';
import type { InstallContext } from '../package.ts';
import { STORAGE_FILES } from '../packages/kafka-storage.ts';
import { driveConnect, driveKafka, driveRegistry, prepareOutbox, refuseAnswers } from './drive.ts';
import { freePort, type ServerProcess, startServer, until } from './server-process.ts';

/**
 * Training: each JVM server is booted once, used a little, and stopped; at its exit the JVM writes
 * what it loaded into a cache that later boots start from. It happens here, at installation, and
 * not in the first real boot, because writing the cache makes the exit 10 to 20 s longer.
 */
export interface TrainingInput {
  readonly java: JavaRuntime;
  readonly servers: Readonly<Record<JvmServerName, JvmServer>>;
  readonly registryFolder: string;
  readonly storageFolder: string;
  readonly postgres: {
    readonly binFolder: string;
    readonly template: string;
    readonly runAs: RunAs;
  };
}

/** Boots of untrained servers on a machine that is busy with the rest of the installation. */
const BOOT_DEADLINE_MS = 120_000;
/** Writing a cache took 9 to 20 s on a busy machine. */
const STOP_DEADLINE_MS = 120_000;
/** Less than this is no cache: the smallest that was seen has 40 MB. */
const CACHE_BYTES_MIN = 1_000_000;

interface Training {
  readonly input: TrainingInput;
  readonly context: InstallContext;
}

/** Makes the boot caches of all JVM servers, and checks that the JVM accepts them. */
export async function trainBootCaches(
  input: TrainingInput,
  context: InstallContext,
): Promise<void> {
  const training = { input, context };
  await Promise.all([trainRegistry(training), trainKafkaAndConnect(training)]);
  for (const server of Object.values(input.servers)) await checkCache(training, server);
}

async function trainRegistry({ input, context }: Training): Promise<void> {
  const port = await freePort();
  await using registry = await startTrained(
    { input, context },
    'registry',
    {
      properties: {
        'quarkus.http.host': '127.0.0.1',
        'quarkus.http.port': String(port),
        'apicurio.storage.kind': 'sql',
        'apicurio.storage.sql.kind': 'h2',
        'apicurio.rules.global.compatibility': 'BACKWARD',
        'quarkus.http.access-log.enabled': 'false',
      },
    },
    input.registryFolder,
  );
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await driveRegistry(url, waiting(context, registry));
  await stopTrained(registry, context);
}

async function trainKafkaAndConnect(training: Training): Promise<void> {
  const { context } = training;
  const ports = {
    kafka: await freePort(),
    controller: await freePort(),
    connect: await freePort(),
  };
  const [kafka, postgres] = await Promise.all([
    startKafka(training, ports.kafka, ports.controller),
    startPostgres(training),
  ]);
  await using _kafka = kafka;
  await using _postgres = postgres.process;
  const brokers = `127.0.0.1:${ports.kafka}`;
  await prepareOutbox(postgres.url, waiting(context, postgres.process));
  await driveKafka(brokers, waiting(context, kafka));
  await using connect = await startConnect(training, brokers, ports.connect);
  const outbox = {
    brokers,
    connectUrl: `http://127.0.0.1:${ports.connect}`,
    postgres: postgres.url,
  };
  await driveConnect(outbox, waiting(context, connect));
  // Connect first, for it wants its broker to say goodbye to; both then write side by side.
  const connectStopped = stopTrained(connect, context);
  await waiting(context, kafka)('the end of Connect', () => refuseAnswers(outbox.connectUrl));
  await stopTrained(kafka, context);
  await connectStopped;
}

function waiting(context: InstallContext, server: ServerProcess) {
  return <T>(label: string, ask: () => Promise<T>) =>
    until(label, { deadlineMs: BOOT_DEADLINE_MS, signal: context.signal, server }, ask);
}
export type Wait = ReturnType<typeof waiting>;

function startTrained(
  { input, context }: Training,
  name: JvmServerName,
  options: { properties?: Readonly<Record<string, string>>; args?: readonly string[] },
  cwd: string,
): Promise<ServerProcess> {
  context.note(`training ${name}`);
  const flags = [trainCacheFlag(input.java, bootCacheFile(context.folder, name))];
  const command = jvmCommand(input.servers[name], { flags, ...options });
  return startServer(name, command, { log: context.log, signal: context.signal, cwd });
}

async function stopTrained(server: ServerProcess, context: InstallContext): Promise<void> {
  context.note(`writing the cache of ${server.name}`);
  await server.stop(STOP_DEADLINE_MS);
}

async function startKafka(
  training: Training,
  port: number,
  controller: number,
): Promise<ServerProcess> {
  const { context, input } = training;
  const data = join(context.scratch, 'kafka');
  await mkdir(data);
  for (const file of STORAGE_FILES) {
    await copyFile(join(input.storageFolder, file), join(data, file));
  }
  const config = join(context.scratch, 'server.properties');
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'controlled.shutdown.enable': false,
  };
  await writeFile(config, javaProperties(properties));
  return startTrained(training, 'kafka', { args: [config] }, context.scratch);
}

async function startConnect(
  training: Training,
  brokers: string,
  port: number,
): Promise<ServerProcess> {
  const { scratch } = training.context;
  const config = join(scratch, 'worker.properties');
  const properties = {
    'bootstrap.servers': brokers,
    listeners: `http://127.0.0.1:${port}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'io.debezium.converters.BinaryDataConverter',
    'offset.storage.file.filename': join(scratch, 'offsets.dat'),
    'offset.flush.interval.ms': 1000,
    'plugin.discovery': 'service_load',
    'topic.creation.enable': true,
  };
  await writeFile(config, javaProperties(properties));
  return startTrained(training, 'connect', { args: [config] }, scratch);
}

async function startPostgres({
  input,
  context,
}: Training): Promise<{ process: ServerProcess; url: string }> {
  const { binFolder, template, runAs } = input.postgres;
  const data = join(context.scratch, 'postgres');
  await cp(template, data, { recursive: true });
  if (runAs.uid !== undefined)
    await run('chown', ['-R', `${runAs.uid}:${runAs.gid}`, data], context);
  await run('chmod', ['700', data], context);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    wal_level: 'logical',
    shared_buffers: '16MB',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const postgres = [join(binFolder, 'postgres'), '-D', data, '-p', String(port), ...flags];
  const process = await startServer(
    'postgres',
    [...runAs.prefix, ...postgres] as [string, ...string[]],
    {
      log: context.log,
      signal: context.signal,
      ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
      ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
    },
  );
  return {
    process,
    url: `postgres://postgres@127.0.0.1:${port}/postgres?application_name=${randomUUID()}`,
  };
}

/** A cache that the JVM would refuse is found out now and not by slow boots later. */
async function checkCache({ input, context }: Training, server: JvmServer): Promise<void> {
  const file = bootCacheFile(context.folder, server.name);
  const { size } = await stat(file);
  if (size < CACHE_BYTES_MIN) throw new Error(`the cache of ${server.name} has ${size} bytes only`);
  const demand = [demandCacheFlag(input.java), useCacheFlag(input.java, file)];
  const classPath = server.classPath.join(':');
  await run(server.java, [...server.flags, ...demand, '-cp', classPath, '-version'], context);
}
