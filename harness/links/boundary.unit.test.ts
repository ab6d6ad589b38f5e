import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Code outside harness/links/ that may name Toxiproxy, each with its reason. Everything else
 * disturbs links through `LinkControl`, so that another kind of hop needs no change there. The
 * list may only shrink.
 */
const MAY_NAME_IT: Readonly<Record<string, string>> = {
  'bench/wire.ts': 'what the wire proxy is compared with',
  'contracts/spec/topology.generated.ts': 'a component of the stack',
  'harness/deployment/charts.ts': 'deploys the other servers only',
  'harness/kernel/address-book.ts': 'a component of the stack, and a kind of hop',
  'harness/cli/json-documents.ts': 'the kind of hop in `up --json`',
  'harness/provision/catalogue.ts': 'installs it',
  'harness/provision/installation.ts': 'installs it',
  'harness/provision/manifest.ts': 'installs it',
  'harness/provision/packages/go.ts': 'installs it',
  'harness/provision/provision.ts': 'installs it',
  'harness/provision/servers.ts': 'installs it',
  'harness/testbed/config.ts': 'its address may be configured',
  'harness/testbed/infrastructure.ts': 'a component of the stack',
  'harness/testbed/plan.ts': 'the hops of links, and the order of starting',
  'harness/testbed/providers/native/recipes.ts': 'starts it',
  'harness/testbed/providers/native/toxiproxy.ts': 'starts it',
  'harness/testbed/providers/recipes.ts': 'starts it',
  'harness/testbed/resources/toxiproxy.ts': 'creates its proxies',
  'harness/testbed/services/plan.ts': 'services start after it',
};

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.js'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !/\.test\.ts$|^harness\/links\//.test(path));

const textOf = (path: string): string => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    // Deleted in the work tree and not yet in the index.
    return '';
  }
};

it('keeps Toxiproxy out of everything but the files that are listed', () => {
  const named = sources.filter((path) => /toxiproxy/i.test(textOf(path)));
  expect(named.toSorted()).toEqual(Object.keys(MAY_NAME_IT).toSorted());
});

it('keeps the client of Toxiproxy in one file', () => {
  const all = [...sources, 'harness/links/toxiproxy.ts', 'harness/links/link-control.ts'];
  const importers = all.filter((path) => textOf(path).includes("from 'toxiproxy-node-client'"));
  expect(importers).toEqual(['harness/links/toxiproxy.ts']);
});
