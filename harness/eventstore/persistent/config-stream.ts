/** The configuration of all groups, in one event of a stream, as the real server keeps it. */
import { randomUUID } from 'node:crypto';
import { type EventStore, StoreError } from '../store.ts';
import type { GroupConfig } from './settings.ts';

/** Named as on the real server. */
const CONFIG_STREAM = '$persistentSubscriptionConfig';
const CONFIG_TYPE = '$PersistentConfig1';
const LAST = 9_223_372_036_854_775_807n;

export async function saveConfigs(store: EventStore, configs: readonly GroupConfig[]) {
  const data = new TextEncoder().encode(toJson(configs));
  const event = { id: randomUUID(), type: CONFIG_TYPE, isJson: true, data };
  const result = await store.append({
    stream: CONFIG_STREAM,
    expected: 'any',
    events: [{ ...event, metadata: new Uint8Array() }],
  });
  if (result.kind === 'appended') return;
  throw new StoreError('write-failed', `${CONFIG_STREAM} could not be written: ${result.kind}.`);
}

export async function readConfigs(store: EventStore): Promise<readonly GroupConfig[]> {
  const query = { from: LAST, direction: 'backwards', limit: 1 } as const;
  const page = await store.readStream({ stream: CONFIG_STREAM, ...query });
  const event = page.kind === 'page' ? page.events[0] : undefined;
  return event === undefined ? [] : fromJson(new TextDecoder().decode(event.data));
}

/** Positions exceed what JSON's numbers hold: they are kept as text. */
function toJson(entries: readonly GroupConfig[]): string {
  return JSON.stringify({ version: '2', entries }, (_key, value: unknown) =>
    typeof value === 'bigint' ? { position: `${value}` } : value,
  );
}

function fromJson(text: string): readonly GroupConfig[] {
  const isPosition = (value: unknown): value is { position: string } =>
    typeof value === 'object' && value !== null && 'position' in value;
  const json = JSON.parse(text, (_key, value: unknown) =>
    isPosition(value) ? BigInt(value.position) : value,
  ) as { entries: GroupConfig[] };
  return json.entries;
}
