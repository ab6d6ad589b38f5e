/** The Unix socket of a wire proxy: see harness/links/wire-messages.ts. */
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import type { Disturbance } from '../../harness/links/hop.ts';
import { onLine } from '../../harness/links/wire-lines.ts';
import {
  toJsonRule,
  type WireReply,
  type WireRequestName,
  type WireRequests,
} from '../../harness/links/wire-messages.ts';
import { requireArmable } from './armable.ts';
import type { WireProxy } from './proxy.ts';
import type { RuleOwner } from './rules.ts';

const Request = z.strictObject({ id: z.int(), request: z.string(), with: z.unknown() });

type Handlers = {
  readonly [Name in WireRequestName]: (
    asked: WireRequests[Name][0],
    owner: RuleOwner,
  ) => WireRequests[Name][1] | Promise<WireRequests[Name][1]>;
};

/** Listens until it is disposed; only this user can connect. */
export async function startControl(path: string, proxy: WireProxy): Promise<AsyncDisposable> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, handlersOf(proxy), proxy);
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, handlers: Handlers, { rules, recorder }: WireProxy): void {
  const send = (reply: WireReply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
  };
  const owner: RuleOwner = {
    onHit: (hit) => send({ hit }),
    onFailure: (rule, reason) => send({ failed: rule, reason }),
  };
  socket.on('error', () => undefined);
  // What a process armed and records ends with it, however it ends.
  socket.once('close', () => {
    rules.liftAllOf(owner);
    void recorder.stop(owner);
  });
  const answer = async (line: string): Promise<void> => {
    let id = 0;
    try {
      const asked = Request.parse(JSON.parse(line));
      id = asked.id;
      const handle = handlers[asked.request as WireRequestName];
      if (!handle) throw new Error(`unknown request "${asked.request}"`);
      send({ id, answer: await handle(asked.with as never, owner) });
    } catch (error) {
      send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  };
  onLine(socket, (line) => void answer(line));
}

function handlersOf(proxy: WireProxy): Handlers {
  const { rules, recorder } = proxy;
  const ofLink = (link: string) => rules.all.filter(({ rule }) => rule.link === link);
  return {
    arm({ rule }, owner) {
      const parsed = requireArmable(rule, proxy.links);
      return { rule: rules.arm(parsed, owner).id };
    },
    lift({ rule }) {
      rules.lift(rule);
      return {};
    },
    release({ hit, as }) {
      rules.release(hit, as);
      return {};
    },
    rules: () => ({
      rules: rules.all.map(({ id, rule }) => ({ id, rule: toJsonRule(rule) })),
    }),
    clear() {
      for (const { id } of rules.all) rules.lift(id);
      return {};
    },
    async cut({ link }) {
      await proxy.cut(link);
      return {};
    },
    async connect({ link }) {
      await proxy.restore(link);
      return {};
    },
    async restore({ link }) {
      for (const { id } of ofLink(link)) rules.lift(id);
      await proxy.restore(link);
      return {};
    },
    disturbances({ link }) {
      const cut: Disturbance[] = proxy.isCut(link) ? [{ kind: 'cut' }] : [];
      const armed = ofLink(link).map(({ rule }): Disturbance => {
        const { operation, point, action } = rule;
        return { kind: 'other', what: `rule: ${action.kind} at ${point} of ${operation}` };
      });
      return { disturbances: [...cut, ...armed] };
    },
    record({ file }, owner) {
      recorder.start(owner, file);
      return {};
    },
    stop: (_, owner) => recorder.stop(owner),
    opaque: () => ({ connections: proxy.opaque }),
  };
}
