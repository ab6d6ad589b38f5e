import { isDeepStrictEqual } from 'node:util';
import { child, isJson, type Json } from '../json-schema/document.ts';
import type { Operation } from './operations.ts';
import type { HttpProblem } from './problem.ts';

/** Schemes that are needed at once, with their scopes. */
type Alternative = ReadonlyMap<string, readonly string[]>;

/** Credentials of clients of the old document that are no longer enough. */
export function securityProblems(old: Operation, now: Operation): HttpProblem[] {
  const [before, after] = [alternativesOf(old), alternativesOf(now)];
  const problem = (rule: string, what: string, fix: string): HttpProblem => ({
    rule,
    subject: now.subject,
    what,
    fix,
    path: [...now.node.path, 'security'],
    certain: true,
  });
  const refused = before.filter(
    (shown) => !after.some((asked) => satisfies(shown, asked, same(old, now))),
  );
  if (refused.length === 0) return [];
  const byName = (a: string, b: string): boolean => a === b;
  const renewed = refused.filter((shown) => after.some((asked) => satisfies(shown, asked, byName)));
  if (renewed.length === refused.length) {
    const names = [...new Set(renewed.flatMap((shown) => [...shown.keys()]))].join(', ');
    return [
      problem(
        'security-scheme-changed',
        `the scheme ${names} works differently`,
        'keep it, and add a scheme with another name',
      ),
    ];
  }
  const shown = refused.map(nameOf).join(', ');
  const asked = after.map(nameOf).join(' or ');
  return [
    problem(
      'security-stricter',
      `${shown} was enough, and ${asked} is needed`,
      'accept the old credentials as well as the new ones',
    ),
  ];
}

type Same = (shown: string, asked: string) => boolean;

/** Compares schemes by mechanism, because names are in the document only. */
const same =
  (old: Operation, now: Operation): Same =>
  (shown, asked) => {
    const [was, is] = [schemeOf(old, shown), schemeOf(now, asked)];
    return was === undefined || is === undefined ? shown === asked : isDeepStrictEqual(was, is);
  };

function alternativesOf({ node, document }: Operation): Alternative[] {
  const own = isJson(node.json) ? node.json['security'] : undefined;
  const asked = own ?? document.root['security'];
  if (!Array.isArray(asked) || asked.length === 0) return [new Map()];
  return asked
    .filter(isJson)
    .map((schemes) => new Map(Object.entries(schemes).map(([name, s]) => [name, scopes(s)])));
}

const scopes = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function satisfies(shown: Alternative, asked: Alternative, isSame: Same): boolean {
  return [...asked].every(([name, needed]) => {
    const own = [...shown].filter(([known]) => isSame(known, name)).flatMap(([, has]) => has);
    const has = [...shown.keys()].some((known) => isSame(known, name));
    return has && needed.every((scope) => own.includes(scope));
  });
}

function nameOf(alternative: Alternative): string {
  if (alternative.size === 0) return 'nothing';
  return [...alternative]
    .map(([name, needed]) => (needed.length === 0 ? name : `${name} (${needed.join(', ')})`))
    .join(' and ');
}

/** What matters on the wire. */
function schemeOf({ document }: Operation, name: string): Json | undefined {
  const schemes = child(document.top, 'components');
  const all = schemes === undefined ? undefined : child(schemes, 'securitySchemes');
  const node = all === undefined ? undefined : child(all, name);
  if (!isJson(node?.json)) return undefined;
  const { type, scheme, in: place, name: field, openIdConnectUrl } = node.json;
  return { type, scheme, in: place, name: field, openIdConnectUrl };
}
