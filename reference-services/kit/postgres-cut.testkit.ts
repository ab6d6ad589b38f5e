import { connect as connectTo, createServer, type Socket } from 'node:net';

/** Postgres behind a proxy that can swallow an answer and drop all connections. */
export async function cuttable(target: string) {
  const [, database = '', folder = ''] = /@\/(.+)\?host=(.+)$/.exec(target) ?? [];
  const sockets = new Set<Socket>();
  let isArmed = false;
  let greeting: Buffer | undefined;
  const server = createServer((client) => {
    const farewell = greeting;
    if (farewell !== undefined) {
      client.on('error', () => undefined);
      client.once('data', () => client.end(farewell));
      return;
    }
    const upstream = connectTo(`${decodeURIComponent(folder)}/.s.PGSQL.5432`);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const end of [client, upstream]) end.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!isArmed) return void client.write(bytes);
      isArmed = false;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `postgres://postgres@127.0.0.1:${address.port}/${database}`,
    beforeNextAnswer() {
      isArmed = true;
    },
    /** Ends all connections; a new one gets these bytes instead of a server. */
    answerEveryConnection(bytes: Buffer) {
      greeting = bytes;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
