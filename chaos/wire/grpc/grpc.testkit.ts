/** A gRPC service with all kinds of calls whose messages are plain bytes. */
import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';

const bytes = (value: Buffer): Buffer => value;

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.v1.Echo/${name}`,
    ...{ requestStream, responseStream },
    ...{ requestSerialize: bytes, requestDeserialize: bytes },
    ...{ responseSerialize: bytes, responseDeserialize: bytes },
  } satisfies MethodDefinition<Buffer, Buffer>;
}

export const ECHO = {
  say: method('Say', false, false),
  count: method('Count', false, true),
  talk: method('Talk', true, true),
};

export interface EchoServer extends AsyncDisposable {
  readonly port: number;
  /** Requests of `Say` that were handled. */
  readonly said: string[];
}

/** `Say` echoes, or fails with the status that the metadata `fail` asks for. */
export async function startEcho(): Promise<EchoServer> {
  const said: string[] = [];
  const server = new Server();
  server.addService(ECHO, {
    say(call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) {
      said.push(call.request.toString());
      const code = Number(call.metadata.get('fail')[0] ?? 0);
      const trailers = new Metadata();
      trailers.set('trail', 'end');
      if (code !== 0) callback({ code, details: 'as asked', metadata: trailers });
      else callback(null, call.request, trailers);
    },
    count(call: ServerWritableStream<Buffer, Buffer>) {
      for (let index = 0; index < Number(call.request.toString()); index++) {
        call.write(Buffer.from(String(index)));
      }
      call.end();
    },
    talk(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (message: Buffer) => call.write(message));
      call.on('end', () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    ...{ port, said },
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

export class EchoClient implements Disposable {
  readonly client: Client;

  constructor(port: number) {
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  say(text: string, headers: Record<string, string> = {}, withinMs = 10_000): Promise<string> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const { path, requestSerialize, responseDeserialize } = ECHO.say;
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        ...[path, requestSerialize, responseDeserialize, Buffer.from(text)],
        ...[metadata, { deadline: Date.now() + withinMs }],
        (error: Error | null, value?: Buffer) =>
          error ? reject(error) : resolve(value?.toString() ?? ''),
      );
    });
  }

  async count(to: number): Promise<string[]> {
    const { path, requestSerialize, responseDeserialize } = ECHO.count;
    const request = Buffer.from(String(to));
    const stream = this.client.makeServerStreamRequest(
      ...[path, requestSerialize, responseDeserialize, request],
    );
    return (await stream.toArray()).map(String);
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}
