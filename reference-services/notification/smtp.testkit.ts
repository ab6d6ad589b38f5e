import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

interface Mail {
  readonly to: string;
  readonly text: string;
  readonly messageId: string;
}

/** What the server says to a message: undefined takes it. */
type Reply = { readonly code: number } | undefined;

/** A real SMTP server that keeps what it takes. */
export interface TestSmtp extends AsyncDisposable {
  readonly url: string;
  readonly mails: readonly Mail[];
  /** Decides about the next messages. */
  replyWith(reply: (mail: Mail) => Reply | Promise<Reply>): void;
}

/** Starts one on an ephemeral port. */
export async function startTestSmtp(): Promise<TestSmtp> {
  const mails: Mail[] = [];
  let replyTo: (mail: Mail) => Reply | Promise<Reply> = () => undefined;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    async onData(stream, session, callback) {
      const text = (await stream.toArray()).join('');
      const [, messageId = ''] = /^Message-ID: (\S+)/im.exec(text) ?? [];
      const mail = {
        to: session.envelope.rcptTo.map(({ address }) => address).join(),
        text,
        messageId,
      };
      const reply = await replyTo(mail);
      if (reply === undefined) mails.push(mail);
      if (reply === undefined) callback();
      else callback(Object.assign(new Error('refused'), { responseCode: reply.code }));
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    replyWith(reply) {
      replyTo = reply;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
