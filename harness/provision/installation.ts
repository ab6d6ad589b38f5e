/**
 * What provisioning puts on the machine, as typed paths. The testbed starts servers from an
 * `Installation` and knows nothing about caches, registries or versions.
 */

/** The JVM servers, by the name that logs, caches and `doctor` use. */
export const JVM_SERVERS = ['kafka', 'connect', 'registry'] as const;
export type JvmServerName = (typeof JVM_SERVERS)[number];

export interface JavaRuntime {
  readonly home: string;
  /** Absolute path of the `java` binary. */
  readonly binary: string;
  readonly version: string;
  readonly major: number;
  /** `machine`: a JDK that was found; `wheel`: the portable one that provisioning installed. */
  readonly source: 'machine' | 'wheel';
}

/** How one JVM server is started; `jvmCommand` makes the argument list. */
export interface JvmServer {
  readonly name: JvmServerName;
  readonly version: string;
  readonly java: string;
  /** Heap, collector and compiler flags; the boot cache's flag is among them when there is one. */
  readonly flags: readonly string[];
  /** Absolute paths in a fixed order: a boot cache is only good for exactly this class path. */
  readonly classPath: readonly string[];
  /** `-cp … <main class>` or `-jar <file>`. */
  readonly entry: { readonly mainClass: string } | { readonly jar: string };
  /** The file that its makers start it by, if it is one: the same, and a slower boot. */
  readonly launcher?: string;
  /** Where the boot cache is, or undefined when this server has none yet (it boots plainly). */
  readonly bootCache: string | undefined;
}

/**
 * Postgres refuses to run as root. `prefix` is put before the command (a user namespace in which
 * root is another user, so that no file has to change hands); where that is not possible, `uid`
 * and `gid` are given to `spawn` instead and the data folder must be chowned to them. All are
 * empty for an ordinary user.
 */
export interface RunAs {
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface Installation {
  readonly cacheFolder: string;
  readonly java: JavaRuntime;
  readonly kafka: JvmServer & {
    /** Made once by `StorageTool format` (node.id 1); copy both into every new data folder. */
    readonly storage: { readonly metaProperties: string; readonly bootstrapCheckpoint: string };
  };
  readonly connect: JvmServer & { readonly debeziumVersion: string };
  readonly registry: JvmServer & { readonly folder: string };
  readonly toxiproxy: { readonly binary: string; readonly version: string };
  readonly redis: {
    readonly binary: string;
    readonly product: 'valkey' | 'redis';
    readonly version: string;
  };
  readonly postgres: {
    readonly binFolder: string;
    readonly version: string;
    /** A fresh `initdb` result (superuser `postgres`, trust, no service databases): copy it. */
    readonly template: string;
    readonly runAs: RunAs;
    /** Variables that initdb and postgres need besides the ordinary environment. */
    readonly env: Readonly<Record<string, string>>;
  };
  readonly mongodb: {
    readonly product: 'secantusdb';
    readonly version: string;
    /** Command and leading arguments; append `--host … --port … --storage-path …`. */
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** The whole command line of a JVM server: system properties come before the entry point. */
export function jvmCommand(
  server: JvmServer,
  options: {
    readonly properties?: Readonly<Record<string, string>>;
    readonly flags?: readonly string[];
    readonly args?: readonly string[];
  } = {},
): readonly [command: string, ...args: string[]] {
  const properties = Object.entries(options.properties ?? {}).map(([k, v]) => `-D${k}=${v}`);
  const entry =
    'jar' in server.entry
      ? ['-jar', server.entry.jar]
      : ['-cp', server.classPath.join(':'), server.entry.mainClass];
  return [
    server.java,
    ...server.flags,
    ...(options.flags ?? []),
    ...properties,
    ...entry,
    ...(options.args ?? []),
  ];
}
