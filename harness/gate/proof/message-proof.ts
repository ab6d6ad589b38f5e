import { isJson, type Json, SchemaDocument } from '../json-schema/document.ts';
import { inlined } from '../json-schema/inline.ts';
import { instancesOf, validatorOf } from './instances.ts';
import { tolerant } from './tolerant.ts';

interface Channel {
  readonly address: string;
  readonly messages: Json;
}

/**
 * Plays clients of the old document against a service of the new one, with generated messages:
 * what clients send must be taken, and what is sent must be read. Gives the first that is not.
 */
export function messageCounterexample(before: Json, after: Json): string | undefined {
  const [old, now] = [before, after].map(useOf);
  if (old === undefined || now === undefined) return undefined;
  const open = isJson(before['info']) && before['info']['x-open-sets'] === true;
  for (const action of ['receive', 'send'] as const) {
    const [was, is] = [old.get(action), now.get(action)];
    if (was === undefined) continue;
    if (is === undefined) return `nobody ${action}s any more`;
    if (was.address !== is.address) return `${was.address} answers 404`;
    const [sender, receiver] = action === 'receive' ? [was, is] : [is, was];
    const failure = refused(sender.messages, receiver.messages, action === 'send' && open);
    if (failure !== undefined) return `${action}: ${failure}`;
  }
  return undefined;
}

function useOf(document: Json): Map<string, Channel> {
  const whole = inlined(new SchemaDocument(JSON.stringify(document), 'a case').top) as Json;
  const operations = Object.values(isJson(whole['operations']) ? whole['operations'] : {});
  return new Map(
    operations.filter(isJson).map((operation) => {
      const channel = operation['channel'] as Json;
      const listed = operation['messages'] as ReadonlyArray<Json>;
      const messages = Object.fromEntries(listed.map((it) => [String(it['name']), it['payload']]));
      return [String(operation['action']), { address: String(channel['address']), messages }];
    }),
  );
}

function refused(sender: Json, receiver: Json, open: boolean): string | undefined {
  for (const [name, schema] of Object.entries(sender)) {
    const known = receiver[name];
    if (known === undefined) {
      if (open) continue;
      return `${name} is not known`;
    }
    const accepts = validatorOf(open ? tolerant(known) : known);
    const bad = instancesOf(schema).find((value) => !accepts(value));
    if (bad !== undefined) return `${name} ${JSON.stringify(bad)}`;
  }
  return undefined;
}
