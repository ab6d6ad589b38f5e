import { child, isJson, type Node } from '../json-schema/document.ts';
import type { Use } from './uses.ts';

/** Names of parameters are not on the wire. */
const shapeOf = (address: string): string => address.replaceAll(/\{[^}]*\}/g, '{}');

export const sameAddress = (a: string, b: string): boolean => shapeOf(a) === shapeOf(b);

/** Members of a parameter of the address that clients use and that are no longer served. */
export function addressProblem(old: Use, now: readonly Use[]) {
  return namesIn(old.address).flatMap((name, index) => {
    const served = now.map((use) => valuesOf(use.channel, namesIn(use.address)[index] ?? ''));
    if (served.includes(undefined)) return [];
    const all = served.flatMap((values) => values ?? []);
    const used = valuesOf(old.channel, name);
    const gone = used?.filter((value) => !all.includes(value));
    if (gone?.length === 0) return [];
    const lost = gone === undefined ? `what is not one of ${all.join(', ')}` : gone.join(', ');
    return [
      {
        rule: 'address-narrowed',
        what: `{${name}} of ${old.address} can no longer be ${lost}`,
        fix: 'serve the old addresses until the other side has moved',
        path: now[0]?.channel?.path ?? now[0]?.node.path ?? [],
      },
    ];
  });
}

const namesIn = (address: string): string[] =>
  [...address.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');

/** The closed set of a parameter; undefined: any text. */
function valuesOf(channel: Node | undefined, name: string): string[] | undefined {
  const parameters = channel && child(channel, 'parameters');
  const parameter = parameters && child(parameters, name);
  // Version 2 describes a parameter with a schema.
  const schema = (parameter && child(parameter, 'schema')) ?? parameter;
  const values = isJson(schema?.json) ? schema.json['enum'] : undefined;
  return Array.isArray(values) ? values.map(String) : undefined;
}
