import { v7 as uuidv7 } from 'uuid';
import type { StateContext, States } from '../state.ts';
import { command, type Payload, recordedOrder } from './played.ts';

type Participant = Parameters<typeof command>[1];

/** A command as a state names it: its type, or with what is in it besides the usual. */
type Named = string | Payload;

/** What is in a command unless the state says otherwise. */
function usual({ names }: StateContext, type: string): object {
  const { address, cardToken, lines, total } = recordedOrder(names);
  switch (type) {
    case 'ReserveStock':
      return { lines };
    case 'AuthorizePayment':
      return { cardToken, amount: total };
    case 'CapturePayment':
      return { attempt: 1 };
    case 'ScheduleShipment':
      return { address, lines };
    default:
      return {};
  }
}

function payloadOf(context: StateContext, named: Named): Payload {
  const { type, country, ...fields } = typeof named === 'string' ? { type: named } : named;
  const payload: Payload & { address?: object } = { ...usual(context, type), type, ...fields };
  if (country === undefined) return payload;
  return { ...payload, address: { ...payload.address, country } };
}

/**
 * Sends an order's commands, the last as the one that the contract's replies are about. No reply is
 * waited for: in which order they come is a promise, too.
 */
export const commandStates = (participant: Participant): States => ({
  'commands about an order have come': async (context, { commands }) => {
    for (const named of commands as readonly Named[]) {
      const messageId = uuidv7();
      context.names.bind('causationId', messageId);
      await command(context, participant, payloadOf(context, named), messageId);
    }
  },
});
