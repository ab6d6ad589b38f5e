/**
 * The wire proxy of a stack: `node main.ts <configuration file>`. It listens for every link that it
 * is given, and ends with the stack.
 */
import { readFileSync } from 'node:fs';
import type { WireConfiguration } from '../../harness/links/wire-configuration.ts';
import { startControl } from './control.ts';
import { protocolOf } from './protocols.ts';
import { WireProxy } from './proxy.ts';
import { Recorder } from './recorder.ts';
import { RuleBook } from './rules.ts';

const EXIT_USAGE = 2;

const [, , file] = process.argv;
if (file === undefined) {
  console.error('usage: main.ts <configuration file>');
  process.exit(EXIT_USAGE);
}
const { socket, links } = JSON.parse(readFileSync(file, 'utf8')) as WireConfiguration;
const protocols = new Map(links.map(({ name, protocol }) => [name, protocol]));
const recorder = new Recorder((link) => protocols.get(link) ?? '');
const proxy = new WireProxy(new RuleBook(), recorder);
for (const { protocol, ...link } of links) {
  await proxy.listen({ ...link, protocol: protocolOf(protocol) });
}
const control = await startControl(socket, proxy);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    await recorder.stopAll();
    await control[Symbol.asyncDispose]();
    process.exit();
  });
}
