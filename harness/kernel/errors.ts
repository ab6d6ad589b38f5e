/**
 * Codes of everything that a command can fail with, and what each means. The set is closed: a new
 * code is added here and appears in docs/reference/error.schema.json. Codes do not change.
 */
export const ERROR_CODES = {
  usage: 'An option or an argument of the command line is wrong or missing.',
  'unknown-name': 'No scenario, run, provider, consumer or resource has the given name.',
  'config-invalid': 'sagaproof.config.ts cannot be read or has a wrong value.',
  'manifest-invalid': 'A sagaproof.service.yaml cannot be read or has a wrong value.',
  'history-invalid': 'A history cannot be read, is empty, cut off, or of another version.',
  'pact-invalid': 'A folder of pacts or a pact cannot be read.',
  'gate-input-invalid': 'A schema, table, pact or recorded message cannot be compared.',
  'gate-source-unavailable': 'Git, a registry or a Pact Broker does not answer as expected.',
  'load-model-invalid': 'A load model or an SLO file cannot be read or has a wrong value.',
  'file-unreadable': 'A file or folder does not exist or cannot be read.',
  'file-unwritable': 'A file or folder cannot be written.',
  'output-failed': 'Standard output or standard error cannot be written.',
  'runs-folder-unusable': 'Runs cannot be stored in the runs folder.',
  'disk-full': 'The disk that holds the runs or the cache is full.',
  'boot-failed': 'The stack did not become ready.',
  'stack-unavailable': 'No stack answers, or its supervisor rejected the request.',
  'stack-lost': 'The stack terminated while the command used it.',
  'tool-missing': 'A program that Sagaproof needs is not installed.',
  'tool-too-old': 'A program that Sagaproof needs has an older version than required.',
  'platform-unsupported': 'A component does not run on this operating system or processor.',
  'install-failed': 'A component could not be installed.',
  'checksum-mismatch': 'A download differs from what is expected.',
  'cache-unusable': 'The cache folder cannot be used.',
  'not-provisioned': 'A component is not installed.',
  interrupted: 'The command was interrupted.',
  timeout: 'An operation took longer than its limit.',
  internal: 'Sagaproof itself failed: please report it.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

interface ErrorDetails {
  /** The file, or `file:line`, that the error is about. */
  readonly file?: string | undefined;
  /** What the user does about it: a command where there is one. */
  readonly fix?: string | undefined;
  readonly cause?: unknown;
}

/** An error that a user can act on. Callers match on the code. */
export class SagaproofError extends Error {
  override readonly name: string = 'SagaproofError';
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.fix = details.fix;
  }
}

/** What `--json` prints as `error`, for every command. */
export interface ErrorDescription {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file?: string;
  readonly fix?: string;
}

const REPORT = 'run the command again with SAGAPROOF_DEBUG=1 and report the stack trace';

/** Describes any thrown value; what no code fits is an internal error. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof SagaproofError) return described(error.code, error);
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const { path } = error as NodeJS.ErrnoException;
  const fix = code === 'internal' ? REPORT : undefined;
  return described(code, { message, file: typeof path === 'string' ? path : undefined, fix });
}

function described(
  code: ErrorCode,
  { message, file, fix }: { readonly message: string } & ErrorDetails,
): ErrorDescription {
  return {
    code,
    message,
    ...(file === undefined ? {} : { file }),
    ...(fix === undefined ? {} : { fix }),
  };
}

const READING = /^(open|read|scandir|stat|lstat|access|realpath)/;
const FILE_ERRORS = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'EROFS', 'ELOOP']);

function codeOf(error: unknown): ErrorCode {
  const { code = '', syscall = '', name } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'disk-full';
  if (FILE_ERRORS.has(code)) return READING.test(syscall) ? 'file-unreadable' : 'file-unwritable';
  if (name === 'TimeoutError') return 'timeout';
  return name === 'AbortError' ? 'interrupted' : 'internal';
}
