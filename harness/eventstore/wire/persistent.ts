/** The unary calls of persistent subscriptions, and who may make them. */
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { Session } from '../access/access.ts';
import { AccessError } from '../access/errors.ts';
import { PersistentSubscriptionError } from '../persistent/errors.ts';
import type { PersistentSubscriptions } from '../persistent/registry.ts';
import { ALL_SOURCE } from '../persistent/settings.ts';
import { invalidArgument } from './errors.ts';
import { fromStreamIdentifier } from './identifiers.ts';
import { fromKey, fromNewGroup, toInfo } from './persistent-settings.ts';

export function createPersistentCalls(subscriptions: PersistentSubscriptions) {
  return {
    create: async (session: Session, request: persistentPb.CreateReq) => {
      requireOperator(session);
      const { key, settings, filter } = fromNewGroup(request.getOptions());
      await subscriptions.create(key, settings, filter);
      return new persistentPb.CreateResp();
    },
    update: async (session: Session, request: persistentPb.UpdateReq) => {
      requireOperator(session);
      const { key, settings } = fromNewGroup(request.getOptions());
      await subscriptions.update(key, settings);
      return new persistentPb.UpdateResp();
    },
    delete: async (session: Session, request: persistentPb.DeleteReq) => {
      requireOperator(session);
      await subscriptions.delete(fromKey(request.getOptions()));
      return new persistentPb.DeleteResp();
    },
    getInfo: async (session: Session, request: persistentPb.GetInfoReq) => {
      requireUser(session);
      const info = subscriptions.info(fromKey(request.getOptions()));
      return new persistentPb.GetInfoResp().setSubscriptionInfo(toInfo(info));
    },
    list: async (session: Session, request: persistentPb.ListReq) => {
      requireUser(session);
      const source = fromListOptions(request.getOptions());
      const infos = subscriptions.list(source);
      if (infos.length === 0 && source !== undefined) {
        throw new PersistentSubscriptionError('does-not-exist', { source, group: '' });
      }
      return new persistentPb.ListResp().setSubscriptionsList(infos.map(toInfo));
    },
    replayParked: async (session: Session, request: persistentPb.ReplayParkedReq) => {
      requireOperator(session);
      const options = request.getOptions();
      const stopAt = options?.hasStopAt() ? BigInt(options.getStopAt()) : undefined;
      if (stopAt !== undefined && stopAt < 0n) throw invalidArgument('stop_at is negative.');
      subscriptions.replayParked(fromKey(options), stopAt);
      return new persistentPb.ReplayParkedResp();
    },
    restartSubsystem: async (session: Session, _request: sharedPb.Empty) => {
      requireOperator(session);
      await subscriptions.restart();
      return new sharedPb.Empty();
    },
  };
}

function requireOperator(session: Session): void {
  if (!session.mayOperate) throw new AccessError('denied', 'Access Denied');
}

function requireUser(session: Session): void {
  if (!session.isAuthenticated) throw new AccessError('denied', 'Access Denied');
}

/** The source whose groups are asked for, or undefined for all groups. */
function fromListOptions(options: persistentPb.ListReq.Options | undefined): string | undefined {
  const stream = options?.getListForStream();
  if (stream === undefined) return undefined;
  return stream.hasAll() ? ALL_SOURCE : fromStreamIdentifier(stream.getStream());
}
