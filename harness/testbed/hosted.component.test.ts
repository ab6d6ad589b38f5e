import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retry } from '../kernel/poll.ts';
import type { Endpoint } from './endpoints.ts';
import { NATIVE_HOST } from './providers/native/host.ts';
import { type PortBlock, reservePorts } from './providers/native/ports.ts';
import type { Resource } from './resource.ts';
import { oidcEntry, oidcResource } from './resources/oidc.ts';
import { otlpEntry, otlpResource } from './resources/otlp.ts';
import { smtpEntry, smtpResource } from './resources/smtp.ts';

const TIMEOUT_MS = 20_000;
const AUDIENCE = 'app-client';
let ports: PortBlock;
const started: Resource[] = [];

async function endpoint(): Promise<Endpoint> {
  return { provider: 'native', host: NATIVE_HOST, port: await ports.next() };
}

async function start(resource: Resource): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  await resource.up(signal);
  started.push(resource);
  await resource.healthCheck(signal);
}

async function post(url: string, body: object): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status} ${text}`);
  return JSON.parse(text) as Record<string, string>;
}

beforeAll(async () => {
  ports = await reservePorts(60);
});
afterAll(async () => {
  for (const resource of started) await resource.down(AbortSignal.timeout(TIMEOUT_MS));
  await ports[Symbol.asyncDispose]();
});

describe('the OIDC issuer', () => {
  let entry: ReturnType<typeof oidcEntry>;
  beforeAll(async () => {
    const at = await endpoint();
    entry = oidcEntry(at, AUDIENCE);
    await start(oidcResource(at, entry));
  });
  /** Asks for the keys each time: that is what a service does after a rotation. */
  const verify = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${entry.issuer}/.well-known/jwks.json`)), {
      issuer: entry.issuer,
    });

  it('is discovered by its own metadata', async () => {
    const metadata = await fetch(`${entry.issuer}/.well-known/openid-configuration`);
    expect(await metadata.json()).toMatchObject({
      issuer: entry.issuer,
      jwks_uri: `${entry.issuer}/.well-known/jwks.json`,
    });
  });

  it('mints access tokens in Cognito’s shape', async () => {
    const { access_token: token = '' } = await post(entry.mintUrl, {
      sub: 'u-1',
      groups: ['customer', 'operator'],
    });
    const { payload, protectedHeader } = await verify(token);
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({
      sub: 'u-1',
      username: 'u-1',
      token_use: 'access',
      client_id: AUDIENCE,
      'cognito:groups': ['customer', 'operator'],
    });
    expect(payload.aud).toBeUndefined();
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
  });

  it('mints id tokens, which are not access tokens', async () => {
    const { id_token: token = '' } = await post(entry.mintUrl, {
      sub: 'u-1',
      email: 'u-1@example.test',
      tokenUse: 'id',
    });
    expect((await verify(token)).payload).toMatchObject({ token_use: 'id', aud: AUDIENCE });
  });

  it('mints tokens to be refused: expired, of another client, by an unknown key', async () => {
    const mint = async (body: object) =>
      (await post(entry.mintUrl, { sub: 'u-1', ...body }))['access_token'] ?? '';
    await expect(verify(await mint({ expiresInSeconds: -60 }))).rejects.toThrow(/"exp"/);
    expect((await verify(await mint({ audience: 'other' }))).payload['client_id']).toBe('other');
    await expect(verify(await mint({ unpublishedKey: true }))).rejects.toThrow(/no applicable key/);
  });

  it('goes on accepting tokens of a rotated key until that key is dropped', async () => {
    const old = (await post(entry.mintUrl, { sub: 'u-1' }))['access_token'] ?? '';
    await post(entry.rotateUrl, {});
    const fresh = (await post(entry.mintUrl, { sub: 'u-1' }))['access_token'] ?? '';
    await verify(old);
    await post(entry.rotateUrl, { drop: true });
    await verify(fresh);
    await expect(verify(old)).rejects.toThrow(/no applicable key/);
  });

  it('refuses an order that it does not understand', async () => {
    await expect(post(entry.mintUrl, { subject: 'u-1' })).rejects.toThrow(/HTTP 400 .*subject/);
  });
});

describe('the mail sink', () => {
  it('keeps what it took, in the order of arrival', async () => {
    const at = await endpoint();
    const entry = smtpEntry(at, await ports.next());
    await start(smtpResource(at, entry));
    const transport = createTransport(`smtp://${entry.host}:${entry.port}`);
    const from = 'orders@example.test';
    for (const subject of ['Your order is approved', 'Ihre Bestellung — storniert']) {
      await transport.sendMail({ from, to: 'u-1@example.test', subject, text: 'Hello' });
    }
    transport.close();
    const { messages } = (await (await fetch(entry.messagesUrl)).json()) as {
      messages: { seq: number }[];
    };
    expect(messages).toMatchObject([
      {
        seq: 1,
        from,
        to: ['u-1@example.test'],
        subject: 'Your order is approved',
        text: 'Hello\n',
      },
      { seq: 2, subject: 'Ihre Bestellung — storniert' },
    ]);
    const after = (await (await fetch(`${entry.messagesUrl}?after=1`)).json()) as object;
    expect(after).toMatchObject({ messages: [{ seq: 2 }], next: 2 });
  });
});

describe('the trace receiver', () => {
  it('keeps the spans that the services’ exporter sends, page by page', async () => {
    const at = await endpoint();
    const entry = otlpEntry(at);
    await start(otlpResource(at, entry));
    const exporter = new OTLPTraceExporter({ url: entry.tracesUrl });
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'order' }),
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const tracer = provider.getTracer('test');
    tracer.startSpan('first', { attributes: { n: 1 } }).end();
    tracer.startSpan('second').end();
    await provider.forceFlush();
    const read = async (after: number) =>
      (await (await fetch(`${entry.spansUrl}?after=${after}`)).json()) as {
        spans: { name: string; traceId: string }[];
        next: number;
      };
    const first = await retry(
      'both spans have arrived',
      async () => {
        const page = await read(0);
        if (page.spans.length < 2) throw new Error(`there are ${page.spans.length}`);
        return page;
      },
      { signal: AbortSignal.timeout(TIMEOUT_MS) },
    );
    expect(first.spans).toMatchObject([
      { name: 'first', service: 'order', kind: 'internal', attributes: { n: 1 } },
      { name: 'second' },
    ]);
    expect((await read(1)).spans).toMatchObject([{ name: 'second' }]);
    expect(await read(first.next)).toMatchObject({ spans: [], next: first.next });
    const { traceId } = first.spans[1] ?? {};
    const ofTrace = await fetch(`${entry.spansUrl}?traceId=${traceId}`);
    expect(await ofTrace.json()).toMatchObject({ spans: [{ name: 'second', traceId }] });
    await provider.shutdown();
  });

  it('refuses what is no export', async () => {
    const at = await endpoint();
    const entry = otlpEntry(at);
    await start(otlpResource(at, entry));
    await expect(post(entry.tracesUrl, { resourceSpans: 3 })).rejects.toThrow(/HTTP 400/);
  });
});
