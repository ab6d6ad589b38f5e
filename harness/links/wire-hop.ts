/** The hop of a link through the wire proxy. */
import type { LinkAddress } from '../kernel/address-book.ts';
import type { Hop } from './hop.ts';
import { openWireChannel, type WireChannel, WireError } from './wire-channel.ts';

/** @param socket of the proxy's control */
export function wireHop(socket: string, { name: link }: LinkAddress): Hop {
  const withChannel = async <T>(work: (channel: WireChannel) => Promise<T>): Promise<T> => {
    await using channel = await openWireChannel(socket);
    return await work(channel);
  };
  const restore = () =>
    withChannel(async (channel) => void (await channel.ask('restore', { link })));
  return {
    kind: 'wire',
    async cut() {
      await withChannel((channel) => channel.ask('cut', { link }));
      return () => withChannel(async (channel) => void (await channel.ask('connect', { link })));
    },
    async delay() {
      throw new WireError(`the wire proxy of ${link} delays single operations: arm a rule`);
    },
    async impair() {
      throw new WireError(`the wire proxy of ${link} disturbs single operations: arm a rule`);
    },
    restore,
    async disturbances() {
      return (await withChannel((channel) => channel.ask('disturbances', { link }))).disturbances;
    },
  };
}
