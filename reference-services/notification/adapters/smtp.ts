import { createTransport } from 'nodemailer';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import type { Mailer, SendResult } from '../ports.ts';

const CONNECTIONS_MAX = 4;
const CONNECT_TIMEOUT_MS = 2_000;
const GREETING_TIMEOUT_MS = 2_000;
const SOCKET_TIMEOUT_MS = 4_000;
/** One attempt in all; the lease is longer. */
const SEND_TIMEOUT_MS = LIMITS.notification.attemptMs;

/** Replies from here on are permanent (RFC 5321, 4.2.1). */
const PERMANENT_REPLY_MIN = 500;

/** One address and nothing else: no list, no display name, no way into another header. */
const ADDRESS = /^[^\s,;:<>()[\]\\"]{1,64}@[^\s,;:<>()[\]\\"]{1,255}$/;

export interface SmtpOptions {
  /** `smtp://host:port`. */
  readonly url: string;
  /** Who the mails are from. */
  readonly from: string;
}

/**
 * Sends by SMTP. The Message-ID is made of the notification's id, so that a mail that was sent
 * twice (because the process died before it could note the first) is recognised as one.
 */
export function smtpMailer({ url, from }: SmtpOptions): Mailer & AsyncDisposable {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    async send({ id, recipient, subject, text, jobId, orderId, kind }) {
      if (!ADDRESS.test(recipient)) {
        return { kind: 'failed', isPermanent: true, error: 'the recipient is no e-mail address' };
      }
      const mail = {
        from,
        to: { name: '', address: recipient },
        subject,
        text,
        messageId: `<${id}@${domain}>`,
        headers: {
          'X-Sagaproof-Job-ID': jobId,
          'X-Sagaproof-Order-ID': orderId,
          'X-Sagaproof-Kind': kind,
        },
      };
      return withinTime(transport.sendMail(mail));
    },
    async [Symbol.asyncDispose]() {
      transport.close();
    },
  };
}

async function withinTime(sending: Promise<unknown>): Promise<SendResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SendResult>((resolve) => {
    const error = `the mail server did not answer in ${SEND_TIMEOUT_MS} ms`;
    timer = setTimeout(resolve, SEND_TIMEOUT_MS, { kind: 'failed', isPermanent: false, error });
  });
  const result = sending.then((): SendResult => ({ kind: 'sent' }), failureOf);
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}

function failureOf(error: unknown): SendResult {
  const { responseCode } = error as { responseCode?: number };
  return {
    kind: 'failed',
    isPermanent: responseCode !== undefined && responseCode >= PERMANENT_REPLY_MIN,
    error: error instanceof Error ? error.message : String(error),
  };
}
