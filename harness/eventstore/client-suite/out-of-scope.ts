/**
 * Tests of the official client's suite that need what this store does not have. Each has to fail:
 * a test that passes must leave this list, and a failure that is not in it is one of the store.
 */
export interface OutOfScope {
  /** A part of the test file's path. */
  readonly file: string;
  /** A part of the test's full name; absent when it is every test of the file. */
  readonly test?: string;
  readonly needs: 'projections' | 'a cluster' | 'a commit timeout';
}

const PROJECTIONS = 'projections';
const CLUSTER = 'a cluster';

export const OUT_OF_SCOPE: readonly OutOfScope[] = [
  { file: 'projections/', needs: PROJECTIONS },
  { file: 'extra/oversize-event', needs: PROJECTIONS },
  { file: 'streams/readAll', test: 'resolve link tos', needs: PROJECTIONS },
  { file: 'streams/readStream', test: 'resolve link tos', needs: PROJECTIONS },
  {
    file: 'subscribeToPersistentSubscriptionToStream',
    test: 'on system stream',
    needs: PROJECTIONS,
  },
  { file: 'subscribeToPersistentSubscriptionTo', test: 'follower node', needs: CLUSTER },
  { file: 'connection/not-leader', needs: CLUSTER },
  { file: 'connection/cluster.test', needs: CLUSTER },
  { file: 'reconnect/mid-stream', test: 'mid stream', needs: CLUSTER },
  { file: 'reconnect/NotLeaderError', test: 'NotLeaderError', needs: CLUSTER },
  { file: 'reconnect/UnavailableError', test: 'UnavailableError', needs: CLUSTER },
  { file: 'reconnect/no-reconnection', test: 'for TimeoutError', needs: 'a commit timeout' },
];
