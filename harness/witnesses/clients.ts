import type { Witness } from './witness.ts';

/**
 * Clients record what they see themselves, before they go on, and they have ended when witnesses
 * settle: their sources are complete.
 */
export const clients: Witness = {
  name: 'clients',
  sources: ['client', 'websocket'],
  settles: 'snapshot',
  async start() {
    return { events: 0, async settle() {}, async close() {} };
  },
};
