/** A full disk causes many different errors; the user gets one message. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SagaproofError } from './errors.ts';

/** A booted stack has 60 MB of state and logs, a verification adds as much; and as much again. */
const NEEDED_BYTES = 256 * 1024 ** 2;
/** With less than this left, a server's error is taken for a full disk. */
const FULL_BELOW_BYTES = 4 * 1024 ** 2;
const MEBIBYTE = 1024 ** 2;

const SIGNS = /ENOSPC|No space left on device|EDQUOT|Disk quota exceeded/i;

/** The disk has too little space left for runs. */
class DiskFullError extends SagaproofError {
  override readonly name = 'DiskFullError';

  constructor(folder: string, freeBytes: number, cause?: unknown) {
    const left = Math.floor(freeBytes / MEBIBYTE);
    // The message has the fix as well: it also reaches logs and reports that print messages only.
    const what =
      `the disk that holds ${folder} is full: ${left} MB left; free ${NEEDED_BYTES / MEBIBYTE} MB ` +
      'there, or name another folder in SAGAPROOF_RUNS_DIR';
    const reason = cause === undefined ? '' : `\n${cause instanceof Error ? cause.message : cause}`;
    super('disk-full', `${what}${reason}`, { file: folder, cause });
  }
}

/**
 * Call it before anything is written: an unfinished boot could fill the disk for other programs.
 */
export function requireDiskSpace(folder: string, freeBytes = freeBytesAt(folder)): void {
  if (freeBytes < NEEDED_BYTES) throw new DiskFullError(folder, freeBytes);
}

/**
 * A {@link DiskFullError} if a full disk caused the error, else the error itself. A log on the full
 * disk may lack its last lines, so the free space is checked, too.
 */
export function orDiskFull(error: unknown, folder: string, freeBytes?: number): unknown {
  if (error instanceof DiskFullError) return error;
  const free = freeBytes ?? freeBytesAt(folder);
  return isDiskFull(error) || free < FULL_BELOW_BYTES
    ? new DiskFullError(folder, free, error)
    : error;
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isDiskFull)) return true;
  if (!(error instanceof Error)) return SIGNS.test(String(error));
  return SIGNS.test(error.message) || (error.cause !== undefined && isDiskFull(error.cause));
}

/** What this user may still write, at the nearest folder that exists. */
function freeBytesAt(folder: string): number {
  if (!existsSync(folder) && dirname(folder) !== folder) return freeBytesAt(dirname(folder));
  const { bavail, bsize, blocks } = statfsSync(folder);
  // Some network file systems do not report it.
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
