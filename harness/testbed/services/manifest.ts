/** `sagaproof.service.yaml`: how to run any implementation of a service. */
import { dirname, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { SERVICES } from '../../kernel/address-book.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { readRegularFile } from '../../kernel/regular-file.ts';
import { unknownKeyMessage } from '../../kernel/suggestion.ts';

/** As long as a JVM service may take to boot on a busy CI machine. */
const READY_TIMEOUT_MS_DEFAULT = 60_000;
const READY_TIMEOUT_MS_MAX = 600_000;
const INSTANCES_MAX = 16;
const MANIFEST_BYTES_MAX = 64 * 1024;

/** What an implementation may lack; each is needed by a scenario or by a promise. */
export const FEATURES = ['tracing', 'redis-layout', 'rebuild'] as const;

const Text = z.string().max(8_192);
const PortName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a lower-case name');

const Readiness = z
  .strictObject({
    http: Text.describe('URL that answers 2xx once the instance is ready.').optional(),
    grpc: Text.describe(
      'host:port whose grpc.health.v1 answers SERVING for the server.',
    ).optional(),
    tcp: Text.describe('host:port that accepts a connection; the weakest proof.').optional(),
    timeoutMs: z
      .int()
      .min(100)
      .max(READY_TIMEOUT_MS_MAX)
      .default(READY_TIMEOUT_MS_DEFAULT)
      .describe('How long an instance may take until it is ready.'),
  })
  .describe('How the harness sees that an instance is ready: exactly one of http, grpc, tcp.');

export const ServiceManifest = z
  .strictObject({
    service: z.enum(SERVICES).describe('Which service this implements.'),
    version: z
      .string({ error: 'write it as text, in quotes where it looks like a number: "1.0"' })
      .min(1)
      .max(128)
      .describe('Shown in reports.'),
    language: z
      .string()
      .min(1)
      .max(64)
      .describe('Shown in reports; needed only where `build` and `command` do not show it.')
      .optional(),
    command: z
      .array(Text.min(1))
      .min(1)
      .describe('Program and arguments; placeholders are replaced. `node` is the harness’ own.')
      .optional(),
    build: z
      .array(Text.min(1))
      .min(1)
      .describe(
        'Program and arguments that make what `command` starts; run in `cwd` before each start, with your environment and SAGAPROOF, the folder of proto/, avro/ and contracts/.',
      )
      .optional(),
    bundle: z
      .boolean()
      .default(false)
      .describe(
        'Run one file that is built of the Node program in `command`: it starts much sooner.',
      ),
    image: Text.describe(
      'A container image. Not yet: the container provider comes later.',
    ).optional(),
    address: z
      .strictObject({
        host: z.string().min(1),
        ports: z.record(PortName, z.int().min(1).max(65_535)),
      })
      .describe('It runs already: where its ports are. The harness starts and stops nothing.')
      .optional(),
    cwd: Text.default('.').describe('Working directory, relative to this file.'),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable'),
        z.union([Text, z.number(), z.boolean()]).transform(String),
      )
      .default({})
      .describe(
        'Everything that the process gets besides PATH, HOME, TZ and a Node compile cache.',
      ),
    ports: z
      .array(PortName)
      .default([])
      .describe('Names of ports that the instance listens on: `http`, `grpc`, `ws`, `admin`.'),
    readiness: Readiness,
    features: z
      .strictObject({
        absent: z
          .array(z.enum(FEATURES))
          .default([])
          .describe('Features that it does not have: results that need them are partial.'),
      })
      .default({ absent: [] }),
    instances: z.int().min(1).max(INSTANCES_MAX).default(1).describe('How many run at once.'),
  })
  .describe('How to run an implementation of a Sagaproof service.');
export type ServiceManifest = z.infer<typeof ServiceManifest>;

/** A manifest that is wrong: names the file, the place in it, and what to write instead. */
export class ManifestError extends SagaproofError {
  override readonly name = 'ManifestError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('manifest-invalid', message, details);
  }
}

export interface LoadedManifest {
  readonly file: string;
  readonly folder: string;
  readonly manifest: ServiceManifest;
}

export function loadManifest(path: string): LoadedManifest {
  const file = resolve(path);
  const text = readManifest(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) throw new ManifestError(`${file} is not YAML: ${syntax.message}`, { file });
  const parsed = ServiceManifest.safeParse(documentValue(document, file), { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue));
    throw new ManifestError(problems.map((problem) => `${file}: ${problem}`).join('\n'), { file });
  }
  const problem = contradiction(parsed.data);
  if (problem) throw new ManifestError(`${file}: ${problem}`, { file });
  return { file, folder: dirname(file), manifest: parsed.data };
}

/** Aliases are resolved here: one without an anchor, or too many of them, is an error. */
function documentValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new ManifestError(`${file} is not YAML: ${(cause as Error).message}`, { file, cause });
  }
}

function readManifest(file: string): string {
  try {
    const bytes = readRegularFile(file);
    if (bytes.length > MANIFEST_BYTES_MAX) {
      throw new ManifestError(`${file} is larger than ${MANIFEST_BYTES_MAX} bytes`, { file });
    }
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof ManifestError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new ManifestError(`${file} cannot be read: ${reason}`, {
      file,
      fix: 'pass the path of a sagaproof.service.yaml with --subject',
      cause,
    });
  }
}

const KEYS_AT: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(ServiceManifest.shape),
  readiness: Object.keys(Readiness.shape),
  address: ['host', 'ports'],
  features: ['absent'],
};

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKeyMessage(key, KEYS_AT[where] ?? [], where));
  }
  if (where.startsWith('features.absent.') && issue.code === 'invalid_value') {
    return [unknownKeyMessage(String(issue.input), FEATURES, 'features.absent')];
  }
  if (where === 'service' && issue.code === 'invalid_value') {
    return [`service: write one of ${SERVICES.join(', ')}`];
  }
  if (issue.path.length === 1 && issue.code === 'invalid_type' && issue.input === undefined) {
    const about = ServiceManifest.shape[where as keyof ServiceManifest]?.description ?? '';
    return [`${where}: is missing. ${about}`];
  }
  if (issue.code === 'too_small' && issue.origin !== 'string') {
    return [`${where}: write at least ${issue.minimum}${issue.origin === 'array' ? ' item' : ''}`];
  }
  if (issue.code === 'too_big' && issue.origin !== 'string') {
    return [`${where}: write at most ${issue.maximum}`];
  }
  if (where === '') return [`write a mapping that starts with \`service:\` (${issue.message})`];
  return [`${where}: ${issue.message}`];
}

/** What the shape alone cannot say. */
function contradiction(manifest: ServiceManifest): string | undefined {
  const ways = (['command', 'image', 'address'] as const).filter((way) => manifest[way]);
  if (ways.length !== 1) {
    const seen = ways.length === 0 ? 'none of them' : ways.join(' and ');
    return `write exactly one of command, image, address; there is ${seen}`;
  }
  if (manifest.image) {
    return 'image: containers are not supported yet; write `command` or `address` instead';
  }
  if (manifest.bundle && !(manifest.command?.[0] === 'node' && manifest.command[1])) {
    return 'bundle: needs `command: [node, <file>, …]`';
  }
  if (manifest.build && !manifest.command) {
    return 'build: makes what `command` starts; an `address` runs already';
  }
  const checks = (['http', 'grpc', 'tcp'] as const).filter((check) => manifest.readiness[check]);
  if (checks.length !== 1) {
    const seen = checks.length === 0 ? 'none of them' : checks.join(' and ');
    return `readiness: write exactly one of http, grpc, tcp; there is ${seen}`;
  }
  if (manifest.address && manifest.ports.length > 0) {
    return 'ports: belongs to `command`; with `address` write the ports in `address.ports`';
  }
  if (manifest.address && manifest.instances > 1) {
    return 'instances: an `address` is one instance; the harness does not start it';
  }
  return undefined;
}
