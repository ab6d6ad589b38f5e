import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LITERAL_HOST = /127\.0\.0\.1|\blocalhost\b/;

/**
 * Files of harness/ that may name this machine. Everything of a stack is reached where its provider
 * says, which is another host as soon as it runs in a container. The list may only shrink.
 */
const MAY_NAME_IT: Readonly<Record<string, string>> = {
  'harness/cli/commands/contracts.ts': 'examples in the help',
  'harness/cli/commands/eventstore.ts': 'the default of a server that belongs to no stack',
  'harness/contracts/consumer/grpc-mock.ts': 'a mock in the process of a consumer test',
  'harness/contracts/consumer/http-mock.ts': 'a mock in the process of a consumer test',
  'harness/contracts/consumer/socket-mock.ts': 'a mock in the process of a consumer test',
  'harness/contracts/consumer/web-client.ts': 'an address at which nothing listens',
  'harness/contracts/provider/bridge.ts': 'a server in the process of the verifier',
  'harness/contracts/provider/verify-interaction.ts': 'a server in the process of the verifier',
  'harness/eventstore/child-server.ts': 'its own tests',
  'harness/eventstore/client-suite/cluster.ts': 'the server of a test suite, in no stack',
  'harness/eventstore/http/routes.ts': 'the base of relative URLs, not an address',
  'harness/eventstore/main.ts': 'its default when it is started alone',
  'harness/provision/boot-cache/server-process.ts': 'servers that only record their boot',
  'harness/provision/boot-cache/train.ts': 'servers that only record their boot',
  'harness/provision/packages/kafka-storage.ts': 'formats a storage folder, starts nothing',
  'harness/scenario/world.ts': 'the origin of a web page, not an address',
  'harness/testbed/providers/native/host.ts': 'the host of the native provider',
  'harness/testbed/services/check-placeholders.ts': 'stands for any host while names are checked',
};

it('takes the hosts of a stack from its providers', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'harness/**.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && !/\.(test|testkit)\.ts$|\/fixtures\//.test(path));
  const found = files.filter((path) => {
    try {
      return LITERAL_HOST.test(readFileSync(join(root, path), 'utf8'));
    } catch {
      // Deleted in the work tree and not yet in the index.
      return false;
    }
  });
  expect(found.toSorted()).toEqual(Object.keys(MAY_NAME_IT).toSorted());
});
