import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './tidy.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TEXT = /\.(ts|js|go|py|sql|yaml|yml|proto|avsc|md|json|lua|sh|css|eta)$/;

/** Paths of the work tree that git does not ignore, without generated protobuf code. */
export function trackedPaths(): string[] {
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.split('\n').filter((path) => path !== '' && !/(^|\/)gen\//.test(path));
}

/** Large files that a generator wrote: their sources are checked. */
const WRITTEN_BY_TOOLS =
  /^(pnpm-lock\.yaml$|helm\/snapshots\/|observability\/grafana\/|helm\/[^/]+\/values\.schema\.json$)/;

/** The text files of the work tree. */
export function sourceFiles(): SourceFile[] {
  return trackedPaths()
    .filter((path) => TEXT.test(path) && !WRITTEN_BY_TOOLS.test(path))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }];
      } catch {
        // Deleted in the work tree and not yet in the index.
        return [];
      }
    });
}
