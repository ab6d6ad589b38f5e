/** A store that checks each call before it makes it. */
import type { EventStore } from '../store.ts';
import type { StreamOperation } from './acl.ts';

/** Every read is checked page by page, so that a right that was taken away ends a subscription. */
export function guardStore(
  store: EventStore,
  authorize: (operation: StreamOperation, stream: string) => Promise<void>,
): EventStore {
  return {
    async append(request) {
      await authorize('write', request.stream);
      return store.append(request);
    },
    async delete(request) {
      await authorize('delete', request.stream);
      return store.delete(request);
    },
    async readStream(query) {
      await authorize('read', query.stream);
      return store.readStream(query);
    },
    async readAll(query) {
      await authorize('read', '$all');
      return store.readAll(query);
    },
    /** A link is no way around the list of the stream that it leads to. */
    async readEvent(stream, revision) {
      const isAllowed = await authorize('read', stream).then(
        () => true,
        () => false,
      );
      return isAllowed ? store.readEvent(stream, revision) : undefined;
    },
    head: () => store.head(),
    lastRevision: (stream) => store.lastRevision(stream),
    onCommit: (listener) => store.onCommit(listener),
    // The session does not own the store.
    [Symbol.asyncDispose]: async () => undefined,
  };
}
