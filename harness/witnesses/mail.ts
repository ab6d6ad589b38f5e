import { z } from 'zod';
import { IncompleteSource, type Witness } from './witness.ts';

const REQUEST_TIMEOUT_MS = 5_000;
/** How often the sink is read: a run waits for mails that are due. */
const POLL_INTERVAL_MS = 500;

const Page = z.object({
  messages: z.array(
    z.object({
      receivedAt: z.iso.datetime(),
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      messageId: z.string(),
      text: z.string(),
      headers: z.record(z.string(), z.string()),
    }),
  ),
  next: z.number(),
});

/** Records the mails that the SMTP sink receives from now on. */
export const mail: Witness = {
  name: 'mail',
  sources: ['mail'],
  settles: 'snapshot',
  async start({ book, record }) {
    const { messagesUrl } = book.smtp;
    // An SMTP server of the user's may have no such address: then the source is incomplete.
    let after = await read(messagesUrl, Number.MAX_SAFE_INTEGER).then(
      ({ next }) => next,
      () => undefined,
    );
    let events = 0;
    let reading: Promise<void> = Promise.resolve();
    const readOn = async () => {
      if (after === undefined) return;
      const { messages, next } = await read(messagesUrl, after);
      for (const { receivedAt, ...message } of messages) {
        record({ type: 'mail', receivedMs: Date.parse(receivedAt), ...message });
      }
      events += messages.length;
      after = next;
    };
    const timer = setInterval(() => {
      // The next read makes up for one that failed; at the end, settling reports the failure.
      reading = reading.then(readOn).catch(() => undefined);
    }, POLL_INTERVAL_MS);
    return {
      get events() {
        return events;
      },
      async settle() {
        if (after === undefined) throw new IncompleteSource(`${messagesUrl} did not answer`);
        await reading;
        await readOn();
      },
      async close() {
        clearInterval(timer);
        await reading;
      },
    };
  },
};

async function read(messagesUrl: string, after: number): Promise<z.infer<typeof Page>> {
  const response = await fetch(`${messagesUrl}?after=${after}`, {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new IncompleteSource(`${messagesUrl} answered HTTP ${response.status}`);
  return Page.parse(await response.json());
}
