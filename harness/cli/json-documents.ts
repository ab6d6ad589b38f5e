/** The JSON documents that `--json` prints, by command: a public interface. */
import { z } from 'zod';
import { HuntSchema, ReplaySchema } from '../../chaos/matrix/hunt-document.ts';
import { MatrixSchema } from '../../chaos/matrix/matrix-document.ts';
import { LoadDocumentSchema } from '../../load/engine/load-document.ts';
import { LoadModelSchema, SloFileSchema, SloSchema } from '../../load/model/model-schema.ts';
import { InteractionResultSchema } from '../contracts/provider/interaction-result.ts';
import { INFRASTRUCTURE } from '../kernel/address-book.ts';
import { ERROR_CODES, type ErrorCode } from '../kernel/errors.ts';
import { VerdictSchema } from '../report/verdict-schema.ts';

const DoctorRow = z.strictObject({
  component: z.string(),
  provider: z.enum(['address', 'native', 'container']),
  from: z.string().describe('Where it comes from: a path, a package or an address.'),
  version: z.string(),
  state: z.enum(['ok', 'missing', 'corrupt', 'too-old', 'unreachable']),
  detail: z.string().optional(),
  fix: z.string().optional().describe('How to fix it; a command if possible.'),
});

const Doctor = z.strictObject({
  verdict: z
    .enum(['ready', 'installable', 'blocked'])
    .describe(
      '`installable`: `up` installs missing components; `blocked`: see `fix`. Exit code 1.',
    ),
  platform: z.string(),
  cacheFolder: z.string(),
  components: z.array(DoctorRow).min(INFRASTRUCTURE.length).describe('One row per server.'),
  tools: z.array(DoctorRow).describe('Programs on this machine.'),
  notes: z.array(z.string()),
});

const Resource = z.strictObject({
  name: z.string(),
  kind: z.enum(['infrastructure', 'service']),
  state: z.enum(['pending', 'starting', 'ready', 'failed', 'paused', 'exited', 'stopped']),
  pid: z.int().min(1).optional().describe('Absent for a resource without its own process.'),
  healthy: z.boolean().optional().describe('Result of a health check over its protocol.'),
  detail: z.string().optional(),
});

const Status = z.strictObject({
  stacks: z
    .array(
      z.strictObject({
        runFolder: z.string(),
        runId: z.string(),
        state: z.enum(['booting', 'ready', 'failed', 'stopping', 'unreachable']),
        fingerprint: z.string().describe('Hash of code, configuration and manifests.'),
        owned: z.boolean().describe('True if it stops with the verification run that booted it.'),
        resources: z.array(Resource),
        detail: z.string().optional().describe('Why it is unreachable.'),
      }),
    )
    .describe('Running stacks, newest first. Exit code 2 if there is none.'),
});

const Service = z.strictObject({
  service: z.string(),
  version: z.string(),
  language: z.string().optional().describe('What it is written in, if its manifest shows it.'),
  manifest: z.string().describe('The service manifest.'),
  subject: z
    .boolean()
    .describe('True for an implementation under test, false for a reference service.'),
  absentFeatures: z.array(z.string()),
  instances: z.array(
    z.strictObject({
      id: z.string(),
      pid: z.int().min(1).optional(),
      host: z.string(),
      ports: z.record(z.string(), z.int().min(1)),
    }),
  ),
});

const Up = z.strictObject({
  run: z.string(),
  runFolder: z.string().describe('State and logs; its address-book.json has all addresses.'),
  reused: z.boolean().describe('True if the stack was already running.'),
  durationMs: z.int().min(0),
  services: z.array(Service),
  links: z.array(
    z.strictObject({
      name: z.string().describe('<service>→<dependency>'),
      listen: z.string().describe('Where the service connects to.'),
      upstream: z.string().describe('Where the dependency listens.'),
      hops: z
        .array(
          z.strictObject({
            kind: z.enum(['toxiproxy', 'wire']),
            listen: z.string(),
            upstream: z.string(),
          }),
        )
        .describe('Proxies on the way, the one nearest to the service first; none: direct.'),
    }),
  ),
});

const Contracts = z.strictObject({
  verdict: z.enum(['valid', 'invalid', 'unknown']).describe('Exit code 0, 1 or 2.'),
  interactions: z.array(InteractionResultSchema.strict()),
});

const CODES = Object.entries(ERROR_CODES)
  .map(([code, meaning]) => `${code}: ${meaning}`)
  .join('\n');

const Init = z.strictObject({
  folder: z.string(),
  written: z.array(z.string()).describe('New files, relative to the folder.'),
  kept: z.array(z.string()).describe('Files that existed; they were not changed.'),
  next: z.array(z.string()).describe('Commands to run next.'),
});

/** By command. `verify`, `scenario` and `check` print a verdict, `gate` a result of its own. */
export const JSON_DOCUMENTS = {
  init: Init,
  up: Up,
  status: Status,
  doctor: Doctor,
  contracts: Contracts,
  down: z.strictObject({ ended: z.array(z.string()).describe('Runs that were stopped.') }),
  eventstore: z
    .strictObject({
      url: z.string().describe('Connection string for clients of EventStoreDB.'),
      host: z.string(),
      port: z.int().min(1),
      data: z.string().describe('The folder that holds the events.'),
    })
    .describe('Printed when the server is ready; the command then runs until it is interrupted.'),
  'scenario-list': z.strictObject({ scenarios: z.array(z.string()) }),
  matrix: MatrixSchema,
  hunt: HuntSchema,
  replay: ReplaySchema,
  'matrix-list': z.strictObject({
    cells: z.array(
      z.strictObject({
        id: z.string().describe('`<saga>/<step>/<service>/<boundary>/<fault>`.'),
        variant: z.string().describe('How the order goes without a fault.'),
      }),
    ),
  }),
  load: VerdictSchema.extend({ load: LoadDocumentSchema }),
  'load-list': z.strictObject({
    models: z.array(z.strictObject({ name: z.string(), claims: z.string() })),
  }),
  'load-print': z.strictObject({ model: LoadModelSchema, slo: SloSchema }),
  'load-model': LoadModelSchema,
  'load-slos': SloFileSchema,
  error: z.strictObject({
    error: z
      .strictObject({
        code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe(CODES),
        message: z.string().describe('What failed, and where.'),
        file: z.string().optional().describe('The file, or file:line, that the error is about.'),
        fix: z.string().optional().describe('What to do about it.'),
      })
      .describe('Why the command could not be carried out. Exit code 2.'),
  }),
} as const;
export type JsonDocument = keyof typeof JSON_DOCUMENTS;

/** Path of a document's JSON schema, relative to the repository. */
export const jsonSchemaFile = (name: JsonDocument): string => `docs/reference/${name}.schema.json`;

/** The JSON schema of a document, as stored in docs/reference. */
export function documentJsonSchema(name: JsonDocument): string {
  const io = READ.has(name) ? 'input' : 'output';
  const schema = z.toJSONSchema(JSON_DOCUMENTS[name], { target: 'draft-2020-12', io });
  return `${JSON.stringify({ ...schema, title: TITLES[name] }, null, 2)}\n`;
}

/** Documents that users write: what has a default may be left out. */
const READ: ReadonlySet<JsonDocument> = new Set(['load-model', 'load-slos']);

const TITLES: Readonly<Record<JsonDocument, string>> = {
  init: 'sagaproof init --json',
  up: 'sagaproof up --json',
  status: 'sagaproof status --json',
  doctor: 'sagaproof doctor --json',
  contracts: 'sagaproof contracts verify --json',
  down: 'sagaproof down --json',
  eventstore: 'sagaproof eventstore --json',
  'scenario-list': 'sagaproof scenario --list --json',
  matrix: 'sagaproof matrix --json, also in matrix.json',
  hunt: 'sagaproof hunt --json, also in hunt.json',
  replay: 'sagaproof replay --json',
  'matrix-list': 'sagaproof matrix --list --json',
  load: 'sagaproof load --json; its field load is also in load.json',
  'load-list': 'sagaproof load --list --json',
  'load-print': 'sagaproof load --print',
  'load-model': 'A load model, as a .yaml or .json file',
  'load-slos': 'An SLO file, as a .yaml or .json file',
  error: 'sagaproof <any command> --json, when it could not be carried out',
};
