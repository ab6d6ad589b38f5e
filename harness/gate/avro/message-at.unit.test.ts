import { describe, expect, it } from 'vitest';
import { messageAt } from './message-at.ts';

const schema = JSON.stringify({
  type: 'record',
  name: 'Command',
  fields: [
    { name: 'id', type: 'string' },
    {
      name: 'payload',
      type: [
        { type: 'record', name: 'shop.ReserveStock', fields: [{ name: 'sku', type: 'string' }] },
        { type: 'record', name: 'ReleaseStock', fields: [] },
      ],
    },
  ],
});

describe('the kind of message that a place belongs to', () => {
  it('is the branch of the union', () => {
    expect(messageAt(schema, ['fields', 1, 'type', 0, 'fields', 0, 'name'])).toBe('ReserveStock');
    expect(messageAt(schema, ['fields', 1, 'type', 1])).toBe('ReleaseStock');
  });

  it('is unknown where all kinds share the place', () => {
    expect(messageAt(schema, ['fields', 0, 'name'])).toBeUndefined();
    expect(messageAt(schema, [])).toBeUndefined();
  });
});
