import { join } from 'node:path';
import { run } from '../../kernel/child-command.ts';
import { ProvisionError } from '../error.ts';
import { type Manifest, manifestFolderOf, packageKey, type SourceOf } from '../manifest.ts';
import type { InstallContext, Package } from '../package.ts';
import { findTool } from '../tools.ts';

/**
 * A program that is built with Go, as a package.
 *
 * @param binary What the built file is called in the package's folder
 */
export function goTool(
  { packages, tools }: Manifest,
  name: 'toxiproxy' | 'oasdiff',
  binary: string,
): Package {
  const entry = packages[name];
  const { source } = entry;
  if (source.kind !== 'go') throw new Error(`${name} is built with Go`);
  const go = () => findTool('go', tools, name);
  return {
    name,
    title: `${entry.title} ${entry.version}`,
    needs: [],
    key: () => packageKey(entry),
    lacks: async () => {
      const finding = await go();
      return finding.found ? [] : [finding.problem];
    },
    install: async (context) => {
      const finding = await go();
      if (!finding.found) throw new ProvisionError([finding.problem]);
      await install(source, { go: finding.tool.path, binary }, context);
      return { go: finding.tool.version };
    },
  };
}

/** Builds one tool of a go.mod; go.sum is what pins every module that is compiled in. */
async function install(
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
