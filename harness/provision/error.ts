import { SagaproofError } from '../kernel/errors.ts';
/** Why provisioning could not go on; callers match on the code. */
export type ProvisionErrorCode =
  | 'manifest-invalid'
  | 'tool-missing'
  | 'tool-too-old'
  | 'platform-unsupported'
  | 'install-failed'
  | 'checksum-mismatch'
  | 'disk-full'
  | 'cache-unusable'
  | 'interrupted'
  | 'not-provisioned';

export interface Problem {
  readonly pkg: string;
  readonly code: ProvisionErrorCode;
  readonly message: string;
  /** What the user does about it: a command where there is one. */
  readonly fix: string;
}

/** One or several packages that could not be provided, each with its fix. */
export class ProvisionError extends SagaproofError {
  override readonly name = 'ProvisionError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]], options?: ErrorOptions) {
    // Every component has its own fix, so the message has them all.
    const message = problems
      .map(({ pkg, message: what, fix }) => `${pkg}: ${what}\n  fix: ${fix}`)
      .join('\n');
    super(problems[0].code, message, { cause: options?.cause });
    this.problems = problems;
  }
}

/** An error that was thrown during an installation, as problems to report to the user. */
export function problemsOf(pkg: string, error: unknown, cacheFolder: string): readonly Problem[] {
  if (error instanceof ProvisionError) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|No space left on device|EDQUOT/i.test(message)) {
    return [
      {
        pkg,
        code: 'disk-full',
        message: `the disk that holds ${cacheFolder} is full`,
        fix: 'free 2 GB there, or name another folder in SAGAPROOF_CACHE_DIR',
      },
    ];
  }
  if (isAbout(error, cacheFolder)) {
    return [
      {
        pkg,
        code: 'cache-unusable',
        message,
        fix: `make ${cacheFolder} a folder that you may write, or name another in SAGAPROOF_CACHE_DIR`,
      },
    ];
  }
  return [
    {
      pkg,
      code: 'install-failed',
      message,
      fix: 'run the same command again; finished work is kept',
    },
  ];
}

/** The cache folder, one above it, or something in it cannot be made or written. */
function isAbout(error: unknown, cacheFolder: string): boolean {
  const { code = '', path = '' } = error as NodeJS.ErrnoException;
  const isAbove = path !== '' && cacheFolder.startsWith(path);
  if (isAbove && code === 'ENOENT') return true;
  const isRefused = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code);
  return isRefused && (isAbove || path.startsWith(cacheFolder));
}
