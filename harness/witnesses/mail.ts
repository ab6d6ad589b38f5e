import { z } from 'zod';
import { IncompleteSource, type Witness } from './witness.ts';

const REQUEST_TIMEOUT_MS = 5_000;

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

/** Records the mails that the SMTP sink received since the run began. */
export const mail: Witness = {
  name: 'mail',
  sources: ['mail'],
  settles: 'snapshot',
  async start({ book, record }) {
    const { messagesUrl } = book.smtp;
    // An SMTP server of the user's may have no such address: then the source is incomplete.
    const before = await read(messagesUrl, Number.MAX_SAFE_INTEGER).catch(() => undefined);
    let events = 0;
    return {
      get events() {
        return events;
      },
      async settle() {
        if (before === undefined) throw new IncompleteSource(`${messagesUrl} did not answer`);
        const { messages } = await read(messagesUrl, before.next);
        for (const { receivedAt, ...message } of messages) {
          record({ type: 'mail', receivedMs: Date.parse(receivedAt), ...message });
        }
        events = messages.length;
      },
      async close() {},
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
