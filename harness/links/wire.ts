/** Arms rules in the wire proxy of a running stack. */
import type { AddressBook } from '../kernel/address-book.ts';
import { orAborted } from '../kernel/poll.ts';
import { nearest } from '../kernel/suggestion.ts';
import { openWireChannel, type WireChannel, WireError } from './wire-channel.ts';
import { fromJsonRule, toJsonRule } from './wire-messages.ts';
import type { ArmedRule, WireControl, WireHit, WireRule } from './wire-rules.ts';

/** Rules of this process; they are lifted when it ends. */
export function wireControl(book: Partial<Pick<AddressBook, 'wire' | 'links'>>): WireControl {
  let channel: Promise<WireChannel> | undefined;
  const open = (): Promise<WireChannel> => {
    channel ??= openWireChannel(socketOf(book));
    return channel;
  };
  return {
    async arm(rule) {
      requireWire(book, rule.link);
      return armedRule(await open(), rule);
    },
    async rules() {
      const { rules } = await (await open()).ask('rules', {});
      return rules.map(({ id, rule }) => ({ id, rule: fromJsonRule(rule) }));
    },
    async clear() {
      await (await open()).ask('clear', {});
    },
    async [Symbol.asyncDispose]() {
      const opened = await channel?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

/** @throws WireError when the stack was booted without one */
export function socketOf({ wire }: Partial<Pick<AddressBook, 'wire'>>): string {
  if (wire) return wire.socket;
  throw new WireError('this stack has no wire proxy', { fix: 'boot it with --wire' });
}

function requireWire({ links = [] }: Partial<Pick<AddressBook, 'links'>>, name: string): void {
  const link = links.find((known) => known.name === name);
  if (link?.hops.some(({ kind }) => kind === 'wire')) return;
  const known = links.filter(({ hops }) => hops.some(({ kind }) => kind === 'wire'));
  if (link) throw new WireError(`no wire proxy decodes link ${name}`);
  const suggestion = nearest(
    name,
    known.map((one) => one.name),
  );
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  throw new WireError(`unknown link "${name}"${hint}`);
}

async function armedRule(channel: WireChannel, rule: WireRule): Promise<ArmedRule> {
  const { rule: id } = await channel.ask('arm', { rule: toJsonRule(rule) });
  const hits: WireHit[] = [];
  let failure: Error | undefined;
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  channel.follow(id, {
    onHit(hit) {
      hits.push(hit);
      change();
    },
    onFailure(reason) {
      failure = new WireError(`rule ${id} (${rule.link}, ${rule.operation}): ${reason}`);
      change();
    },
  });
  const lift = async (): Promise<void> => {
    if (!channel.closed) await channel.ask('lift', { rule: id });
    channel.unfollow(id);
  };
  return {
    id,
    rule,
    hits,
    async hit({ nth = 1, signal } = {}) {
      for (;;) {
        const hit = hits[nth - 1];
        if (failure) throw failure;
        if (hit) return hit;
        await (signal ? orAborted(changed.promise, signal) : changed.promise);
      }
    },
    async release(hit, as) {
      await channel.ask('release', { hit: hit.id, as });
    },
    lift,
    [Symbol.asyncDispose]: lift,
  };
}
