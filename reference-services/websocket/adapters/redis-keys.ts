/** The keys that the canvas describes. */
export const keys = {
  socket: (socketId: string) => `ws:socket:{${socketId}}`,
  subscriptions: (socketId: string) => `ws:socket:{${socketId}}:subscriptions`,
  socketsOfUser: (userId: string) => `ws:user:{${userId}}:sockets`,
  userLog: (userId: string) => `ws:user:{${userId}}:log`,
  job: (jobId: string) => `ws:job:{${jobId}}`,
  log: (jobId: string) => `ws:job:{${jobId}}:log`,
  socketsOfJob: (jobId: string) => `ws:job:{${jobId}}:sockets`,
  sockets: 'ws:sockets',
  /** There as long as Redis has what it was given. */
  intact: 'ws:intact',
  outbox: 'ws:connections:outbox',
  publisher: 'ws:connections:publisher',
} as const;

/** The channel of a node's hints. */
export const nodeChannel = (nodeId: string): string => `ws:node:${nodeId}`;
