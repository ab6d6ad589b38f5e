/** A mail server that delivers nothing and keeps every mail, for the harness to read. */
import { once } from 'node:events';
import { connect } from 'node:net';
import fastify from 'fastify';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { AddressBook } from '../../kernel/address-book.ts';
import { type Endpoint, hostPort } from '../endpoints.ts';
import { hostedResource } from '../hosted.ts';
import type { Resource } from '../resource.ts';

const MESSAGE_BYTES_MAX = 256 * 1024;
/** The oldest go when more arrive; a run of the whole suite sends a few hundred. */
const MESSAGES_MAX = 50_000;
const CLOSE_TIMEOUT_MS = 500;

type SmtpEntry = AddressBook['smtp'];

/** One mail, in the order of arrival. */
export interface ReceivedMail {
  /** 1 for the first. */
  readonly seq: number;
  readonly receivedAt: string;
  /** As in the SMTP envelope. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export function smtpEntry(endpoint: Endpoint, messagesPort: number): SmtpEntry {
  const { host, port } = endpoint;
  return { host, port, messagesUrl: `http://${hostPort({ host, port: messagesPort })}/messages` };
}

export function smtpResource(endpoint: Endpoint, entry: SmtpEntry): Resource {
  return hostedResource({
    name: 'smtp',
    endpoint,
    start: () => startSink(endpoint, Number(new URL(entry.messagesUrl).port)),
    answers: (signal) => greets(endpoint, signal),
  });
}

/** An SMTP server speaks first: `220 …`. */
async function greets(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: endpoint.host, port: endpoint.port, signal });
  try {
    const [greeting] = (await once(socket, 'data', { signal })) as [Buffer];
    const line = greeting.toString('utf8');
    if (!line.startsWith('220')) throw new Error(`it greets with ${line.trim()}`);
    socket.write('QUIT\r\n');
  } finally {
    socket.destroy();
  }
}

async function startSink({ host, port }: Endpoint, messagesPort: number): Promise<AsyncDisposable> {
  const mails: ReceivedMail[] = [];
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MESSAGE_BYTES_MAX,
    closeTimeout: CLOSE_TIMEOUT_MS,
    logger: false,
    onData(stream, session, done) {
      readAll(stream)
        .then(async (raw) => {
          count += 1;
          mails.push(await toMail(count, raw, session.envelope));
          if (mails.length > MESSAGES_MAX) mails.shift();
        })
        .then(() => done(), done);
    },
  });
  server.on('error', (error: Error) => console.error(`smtp: ${error.message}`));
  const listening = once(server.server, 'listening');
  server.listen(port, host);
  await listening;
  const app = fastify();
  app.get<{ Querystring: { after?: string } }>('/messages', async (request) => {
    const after = Number(request.query.after ?? 0);
    return { messages: mails.filter((mail) => mail.seq > after), next: count };
  });
  await app.listen({ port: messagesPort, host });
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([
        app.close(),
        new Promise<void>((resolve) => server.close(() => resolve())),
      ]);
    },
  };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Envelope {
  readonly mailFrom: { readonly address: string } | false;
  readonly rcptTo: readonly { readonly address: string }[];
}

async function toMail(seq: number, raw: Buffer, envelope: Envelope): Promise<ReceivedMail> {
  const parsed = await PostalMime.parse(raw);
  return {
    seq,
    receivedAt: new Date().toISOString(),
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to: envelope.rcptTo.map((recipient) => recipient.address),
    subject: parsed.subject ?? '',
    messageId: parsed.messageId ?? '',
    text: parsed.text ?? '',
    headers: Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value])),
  };
}
