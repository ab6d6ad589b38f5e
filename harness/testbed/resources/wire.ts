/** The wire proxy of a stack: decodes the links whose protocol it knows. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkAddress } from '../../kernel/address-book.ts';
import { packageProgram } from '../../kernel/package-assets.ts';
import { retry } from '../../kernel/poll.ts';
import { VERSION } from '../../kernel/version.ts';
import { openWireChannel } from '../../links/wire-channel.ts';
import { decoderOf, type WireConfiguration } from '../../links/wire-configuration.ts';
import { type ManagedResource, managed } from '../component.ts';
import { compileCache } from '../providers/native/child-env.ts';
import { NATIVE_HOST } from '../providers/native/host.ts';
import { nativeProvider } from '../providers/native/native-provider.ts';
import type { StackContext } from '../stack-context.ts';

/** The name of the resource and of its process; it is no component that a user could replace. */
export const WIRE = 'wire';

/** Loading its modules on a busy machine. */
const UP_TIMEOUT_MS = 60_000;
const DOWN_TIMEOUT_MS = 10_000;
const GRACE_MS = 4_000;

export function wireResource(
  context: StackContext,
  links: readonly LinkAddress[],
): ManagedResource {
  const { paths } = context;
  const provider = nativeProvider(context, {
    id: WIRE,
    kind: 'infrastructure',
    graceMs: GRACE_MS,
    version: VERSION,
    address: { host: NATIVE_HOST, port: 0 },
    command: async () => {
      mkdirSync(paths.data, { recursive: true });
      const file = join(paths.data, 'wire.json');
      writeFileSync(file, JSON.stringify(configurationOf(paths.wireSocket, links)));
      return {
        command: [process.execPath, packageProgram('chaos/wire/main'), file],
        env: compileCache(context),
      };
    },
  });
  const answers = async (): Promise<void> => {
    await using channel = await openWireChannel(paths.wireSocket);
    await channel.ask('rules', {});
  };
  const ready = (signal: AbortSignal) => retry('the wire proxy answers', answers, { signal });
  return managed({
    name: WIRE,
    provider,
    upTimeoutMs: UP_TIMEOUT_MS,
    downTimeoutMs: DOWN_TIMEOUT_MS,
    ready,
    healthCheck: answers,
  });
}

function configurationOf(socket: string, links: readonly LinkAddress[]): WireConfiguration {
  return {
    socket,
    links: links.flatMap(({ name, hops }) => {
      const protocol = decoderOf(name.slice(name.indexOf('→') + 1));
      const hop = hops.find(({ kind }) => kind === 'wire');
      return hop && protocol
        ? [{ name, listen: hop.listen, upstream: hop.upstream, protocol }]
        : [];
    }),
  };
}
