/** What faults of single messages share: which operation they wait for, and that it was hit. */
import type { Fault } from '../../harness/links/fault.ts';
import { defineFault } from '../../harness/links/fault.ts';
import type {
  ArmedRule,
  WireAction,
  WireControl,
  WireHit,
  WirePoint,
  WireRule,
} from '../../harness/links/wire-rules.ts';

export interface MessageContext {
  /** Rules live as long as the control that armed them. */
  readonly openWire: () => WireControl;
}

/** Selects an operation of a link, as rules of the wire proxy do. */
export interface AtOperation
  extends Pick<WireRule, 'operation' | 'where' | 'contains' | 'occurrence' | 'times'> {}

export interface ArmedMessage {
  readonly control: WireControl;
  readonly armed: ArmedRule;
}

export async function armAt(
  { openWire }: MessageContext,
  link: string,
  { operation, where, contains, occurrence, times }: AtOperation,
  effect: { readonly point: WirePoint; readonly action: WireAction },
): Promise<ArmedMessage> {
  const control = openWire();
  try {
    const armed = await control.arm({
      ...{ link, operation, ...effect },
      ...(where === undefined ? {} : { where }),
      ...(contains === undefined ? {} : { contains }),
      ...(occurrence === undefined ? {} : { occurrence }),
      ...(times === undefined ? {} : { times }),
    });
    return { control, armed };
  } catch (error) {
    await control[Symbol.asyncDispose]();
    throw error;
  }
}

/** The first operation that was hit. @throws when there is none yet, or the proxy could not act */
export async function firstHit({ armed }: ArmedMessage): Promise<WireHit> {
  const { link, operation } = armed.rule;
  if (armed.hits.length === 0) throw new Error(`no ${operation} on ${link} has matched so far`);
  return armed.hit();
}

export async function liftMessage({ armed, control }: ArmedMessage): Promise<void> {
  await armed.lift();
  await control[Symbol.asyncDispose]();
}

/** One line for people: the operation, where it was, and by what it was recognised. */
export function hitText({ operation, attributes, link, connection, point }: WireHit): string {
  const words = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  return `${[operation, ...words].join(' ')} on ${link} (connection ${connection}, at its ${point})`;
}

/** A fault that is one action of the wire proxy on one operation. */
export const messageFault = <Options extends AtOperation>(
  name: string,
  effectOf: (options: Options) => { readonly point: WirePoint; readonly action: WireAction },
): Fault<MessageContext, Options> =>
  defineFault({
    name,
    arm: (context: MessageContext, link: string, options: Options) =>
      armAt(context, link, options, effectOf(options)),
    landed: async (state) => hitText(await firstHit(state)),
    lift: liftMessage,
  });
