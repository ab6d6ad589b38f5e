import {
  anyOf,
  child,
  children,
  isJson,
  type Json,
  type Node,
  textOf,
} from '../json-schema/document.ts';
import { incompatibilities } from '../json-schema/incompatibilities.ts';
import type { Operation } from './operations.ts';
import { fromRefusal, type HttpProblem } from './problem.ts';

interface Parameter {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly node: Node;
  readonly json: Json;
}

/** By place and name; of path parameters only the position is on the wire. */
function parametersOf(operation: Operation): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  const names = [...operation.subject.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
  for (const owner of [operation.pathItem, operation.node]) {
    for (const [, node] of children(child(owner, 'parameters'))) {
      const [name, place] = [textOf(node, 'name') ?? '', textOf(node, 'in') ?? ''];
      const json = isJson(node.json) ? node.json : {};
      const shown = place === 'header' ? name.toLowerCase() : name;
      const key = place === 'path' ? names.indexOf(name) : shown;
      const required = json['required'] === true;
      parameters.set(`${place} ${key}`, { name, place, required, node, json });
    }
  }
  return parameters;
}

/** Parameters that old calls lack, or that the new server reads differently. */
export function parameterProblems(old: Operation, now: Operation): HttpProblem[] {
  const before = parametersOf(old);
  return [...parametersOf(now)].flatMap(([key, parameter]) => {
    const { name, place, node, required } = parameter;
    const was = before.get(key);
    const called = `the ${place} parameter "${name}"`;
    // A call to the path has a value for each of its parameters, described or not.
    const isSent = was?.required === true || place === 'path';
    if (required && !isSent) {
      return [
        {
          rule: 'parameter-required',
          subject: now.subject,
          what: `${called} became required`,
          fix: 'make it optional, with a default for clients that do not send it',
          path: node.path,
          certain: true,
        },
      ];
    }
    if (was === undefined) return [];
    const [sent, accepted] = [schemaOf(was), schemaOf(parameter)];
    const style = styleChange(was, parameter);
    const refused =
      accepted === undefined
        ? []
        : incompatibilities(accepted, sent ?? anyOf(accepted), { open: false }, called);
    return [
      ...(style === undefined ? [] : [{ ...style, subject: now.subject, path: node.path }]),
      ...refused.map((refusal) => fromRefusal(refusal, 'request', now.subject, node.path)),
    ];
  });
}

const STYLES: Readonly<Record<string, string>> = { query: 'form', cookie: 'form' };

/** Of the parameter, or of the one media type that its value is written in. */
function schemaOf({ node }: Parameter): Node | undefined {
  const [media] = children(child(node, 'content'));
  return child(node, 'schema') ?? (media && child(media[1], 'schema'));
}

/** How a value is written: with its style, or as a document of a media type. */
function styleOf({ json, place }: Parameter): string {
  if (isJson(json['content'])) return Object.keys(json['content']).join();
  const style = String(json['style'] ?? STYLES[place] ?? 'simple');
  return `${style} ${json['explode'] ?? style === 'form'}`;
}

/** Styles that write even a single value as it is. */
const BARE = /^(simple|form|spaceDelimited|pipeDelimited|deepObject) /;

/** The same value is written differently. */
function styleChange(
  was: Parameter,
  now: Parameter,
): Omit<HttpProblem, 'subject' | 'path'> | undefined {
  const styles = [styleOf(was), styleOf(now)];
  const schema = schemaOf(now)?.json;
  const type = isJson(schema) ? schema['type'] : undefined;
  const isScalar = typeof type === 'string' && type !== 'array' && type !== 'object';
  const bare = styles.every((style) => BARE.test(style));
  if (styles[0] === styles[1] || (isScalar && bare)) return undefined;
  return {
    rule: 'parameter-style',
    what: `the ${now.place} parameter "${now.name}" is written differently`,
    fix: 'keep style, explode and media type',
    certain: true,
  };
}
