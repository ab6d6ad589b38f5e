/**
 * Claims: access tokens, card tokens, passwords and customers' e-mail addresses are only where the
 * contracts have a field for them: not in spans, frames, answers, metrics, headers, logs, or in
 * fields for something else.
 *
 * Checks: searches every text that clients, topics, traces, metrics and logs showed for the card
 * tokens that clients sent, for the addresses that outcomes name, and for what is a token or a URL
 * with a password by its form.
 *
 * Could be fooled: by a secret in another encoding; by one that is shown before it is known.
 */

import { SecretTexts } from '../checker/facts/secret-texts.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { HistoryEvent, KafkaRecord, OperationInvoked } from '../history/event.ts';

export const secretsConfined = defineInvariant({
  name: 'secrets-confined',
  promise: 'Tokens, cards, passwords and addresses are only in the fields that are meant for them.',
  needs: ['client', 'websocket', 'kafka', 'spans', 'metrics', 'logs'],
  reads: ['invoke', 'ok', 'fail', 'info', 'ws', 'kafka', 'span', 'metrics', 'log'],
  diagnosis: {
    causes: [
      'a whole request, message or error is logged or set as an attribute of a span',
      'an error message of a library contains the URL with its password',
      'an event is forwarded with fields that its receivers have no use for',
    ],
    look: 'the log, span or field named',
  },
  start: () => new SecretsConfined(),
});

/** Fields of contracts that are meant for secrets, with what they hold. */
const MEANT: Readonly<Record<string, string>> = {
  cardToken: 'a card token',
  contactEmail: 'an e-mail address',
};
/** Short texts that were searched are remembered: most are repeated very often. */
const SEARCHED_MAX = 10_000;
const SEARCHED_CHARS_MAX = 512;
const UUID_CHARS = 36;
const TRACEPARENT_CHARS = 55;

class SecretsConfined implements Checker {
  readonly #findings = new Findings();
  readonly #secrets = new SecretTexts();
  /** Short texts without a secret: names of operations, types and states. */
  readonly #clean = new Set<string>();

  observe(event: HistoryEvent, text?: string): void {
    if (event.type === 'invoke') {
      this.#asked(event);
      return;
    }
    if (event.type === 'kafka') this.#noteSecretsOf(event);
    this.#findings.look();
    if (text === undefined || this.#secrets.mayBeIn(text)) this.#searchAll(event);
  }

  #searchAll(event: HistoryEvent): void {
    switch (event.type) {
      case 'kafka':
        this.#record(event);
        break;
      case 'ok':
      case 'fail':
      case 'info':
        this.#search(event, 'an answer', event.response);
        this.#search(event, 'a header of an answer', event.headers);
        break;
      case 'ws':
        if (event.what === 'frame') this.#search(event, 'a frame', event.message);
        break;
      case 'span':
        this.#search(event, 'a span', event.name);
        this.#search(event, 'a span', event.attributes);
        break;
      case 'metrics':
        for (const series of [event.counters, event.gauges, event.histograms]) {
          this.#search(event, 'a metric', Object.keys(series));
        }
        break;
      case 'log':
        this.#search(event, 'the log', event.text);
        break;
    }
  }

  finish(): Finding {
    return this.#findings.finding();
  }

  #asked({ request }: OperationInvoked): void {
    const { cardToken, json } = (request ?? {}) as {
      readonly cardToken?: unknown;
      readonly json?: { readonly cardToken?: unknown } | null;
    };
    this.#secrets.note(cardToken, 'a card token');
    this.#secrets.note(json?.cardToken, 'a card token');
  }

  #noteSecretsOf(record: KafkaRecord): void {
    const { cardToken, contactEmail } = payloadOf(record);
    this.#secrets.note(cardToken, 'a card token');
    this.#secrets.note(contactEmail, 'an e-mail address');
  }

  #record(record: KafkaRecord): void {
    const { key, headers, value } = record;
    this.#search(record, 'a header', headers);
    this.#search(record, 'a record', value);
    // What is about a card has its token as the key, as its contract says.
    if (key !== payloadOf(record).cardToken) this.#search(record, 'a key', key);
  }

  #search(event: HistoryEvent, part: string, value: unknown): void {
    this.#walk(event, part, value, undefined);
  }

  #walk(event: HistoryEvent, part: string, value: unknown, field: string | undefined): void {
    if (typeof value === 'string') {
      if (!isId(value) && !this.#clean.has(value)) this.#text(event, part, value, field);
    } else if (typeof value === 'object' && value !== null) {
      for (const name in value) {
        this.#walk(event, part, (value as Readonly<Record<string, unknown>>)[name], name);
      }
    }
  }

  #text(event: HistoryEvent, part: string, text: string, field: string | undefined): void {
    const what = this.#secrets.in(text);
    if (what === undefined) {
      if (text.length < SEARCHED_CHARS_MAX && this.#clean.size < SEARCHED_MAX) {
        this.#clean.add(text);
      }
      return;
    }
    if (field !== undefined && MEANT[field] === what) return;
    const where = `${part} ${placeOf(event)}`;
    const place = field === undefined ? where : `${field} of ${where}`;
    this.#findings.violate(() => `There is ${what} in ${place}.`, event.index);
  }
}

const payloadOf = ({ value }: KafkaRecord): { cardToken?: unknown; contactEmail?: unknown } =>
  value?.['payload'] ?? {};

/** Whether a text is an id or a traceparent: most texts are, and none of them is a secret. */
function isId(text: string): boolean {
  const { length } = text;
  if (length === UUID_CHARS) return text[8] === '-' && text[13] === '-' && text[23] === '-';
  return length === TRACEPARENT_CHARS && text.startsWith('00-');
}

/** Where an event was seen, as the end of "a header …". */
function placeOf(event: HistoryEvent): string {
  switch (event.type) {
    case 'kafka':
      return `on ${event.topic}`;
    case 'ok':
    case 'fail':
    case 'info':
      return `${event.status ?? ''} to ${event.name}`;
    case 'ws':
      return `to ${event.userId}`;
    case 'span':
      return `of ${event.service}`;
    case 'metrics':
    case 'log':
      return `of ${event.instance}`;
    default:
      return '';
  }
}
