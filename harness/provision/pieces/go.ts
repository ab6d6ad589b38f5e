import { join } from 'node:path';
import { manifestFolderOf, type SourceOf } from '../manifest.ts';
import type { InstallContext } from '../piece.ts';
import { run } from '../run.ts';

/** Builds one tool of our go.mod; go.sum is what pins every module that is compiled in. */
export async function installGoTool(
  source: SourceOf<'go'>,
  options: { readonly go: string; readonly binary: string },
  context: InstallContext,
): Promise<void> {
  await run(
    options.go,
    [
      'build',
      '-trimpath',
      '-ldflags=-s -w',
      '-o',
      join(context.folder, options.binary),
      source.package,
    ],
    {
      ...context,
      cwd: manifestFolderOf(source.module),
      env: { GOFLAGS: '-mod=readonly -buildvcs=false', CGO_ENABLED: '0' },
    },
  );
}
