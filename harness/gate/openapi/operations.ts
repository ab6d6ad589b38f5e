import {
  child,
  children,
  isJson,
  type Json,
  type Node,
  type SchemaDocument,
  textOf,
} from '../json-schema/document.ts';
import { refusals } from '../json-schema/refusals.ts';
import { fromRefusal, type HttpProblem } from './problem.ts';
import { responseProblems } from './responses.ts';
import { securityProblems } from './security.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** One method on one path, in one version. */
export interface Operation {
  /** `POST /v1/orders`. */
  readonly subject: string;
  readonly node: Node;
  readonly pathItem: Node;
  readonly document: SchemaDocument;
}

/** Two versions of a document, compared operation by operation. */
export class HttpComparison {
  readonly #before: SchemaDocument;
  readonly #after: SchemaDocument;

  constructor(before: SchemaDocument, after: SchemaDocument) {
    this.#before = before;
    this.#after = after;
  }

  problems(): HttpProblem[] {
    const after = operationsOf(this.#after);
    const problems: HttpProblem[] = [...this.#servers()];
    for (const [key, old] of operationsOf(this.#before)) {
      const now = after.get(key);
      if (now === undefined) {
        problems.push(removed(old));
        continue;
      }
      problems.push(
        ...parameterProblems(old, now),
        ...bodyProblems(old, now),
        ...responseProblems(old, now),
        ...securityProblems(old, now),
      );
    }
    return distinct(problems);
  }

  /** A client calls the old base path. */
  #servers(): HttpProblem[] {
    const [old, now] = [basePaths(this.#before), basePaths(this.#after)];
    const gone = old.filter((path) => !now.includes(path));
    if (gone.length === 0) return [];
    return [
      {
        rule: 'base-path-removed',
        subject: 'every operation',
        what: `the base path ${gone.join(', ')} is gone from its servers`,
        mend: 'serve the old base path beside the new one',
        path: ['servers'],
        certain: true,
      },
    ];
  }
}

function basePaths({ top }: SchemaDocument): string[] {
  const urls = children(child(top, 'servers')).map(([, server]) => textOf(server, 'url') ?? '/');
  if (urls.length === 0) return [''];
  return urls.map((url) => url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\/$/, ''));
}

/** By method and path with its parameters' names left out: those never cross the wire. */
function operationsOf(document: SchemaDocument): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const [path, pathItem] of children(child(document.top, 'paths'))) {
    for (const method of METHODS) {
      const node = child(pathItem, method);
      if (node === undefined) continue;
      const subject = `${method.toUpperCase()} ${path}`;
      const key = `${method} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`;
      operations.set(key, { subject, node, pathItem, document });
    }
  }
  return operations;
}

const removed = ({ subject }: Operation): HttpProblem => ({
  rule: 'operation-removed',
  subject,
  what: 'the operation is gone',
  mend: 'keep it and mark it deprecated until nobody calls it',
  path: ['paths'],
  certain: true,
});

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

function parameterProblems(old: Operation, now: Operation): HttpProblem[] {
  const before = parametersOf(old);
  return [...parametersOf(now)].flatMap(([key, parameter]) => {
    const { name, place, node, required } = parameter;
    const was = before.get(key);
    const called = `the ${place} parameter "${name}"`;
    if (required && was?.required !== true) {
      return [
        {
          rule: 'parameter-required',
          subject: now.subject,
          what: `${called} became required`,
          mend: 'make it optional, with a default for those who do not send it',
          path: node.path,
          certain: true,
        },
      ];
    }
    if (was === undefined) return [];
    const [sent, accepted] = [child(was.node, 'schema'), child(node, 'schema')];
    const style = styleChange(was, parameter);
    const refused =
      sent === undefined || accepted === undefined
        ? []
        : refusals(accepted, sent, { open: false }, called);
    return [
      ...(style === undefined ? [] : [{ ...style, subject: now.subject, path: node.path }]),
      ...refused.map((refusal) => fromRefusal(refusal, 'request', now.subject, node.path)),
    ];
  });
}

const STYLES: Readonly<Record<string, string>> = { query: 'form', cookie: 'form' };

/** The same value is written differently in the URL. Matters for lists and objects only. */
function styleChange(
  was: Parameter,
  now: Parameter,
): Omit<HttpProblem, 'subject' | 'path'> | undefined {
  const styleOf = ({ json, place }: Parameter): string => {
    const style = String(json['style'] ?? STYLES[place] ?? 'simple');
    return `${style} ${json['explode'] ?? style === 'form'}`;
  };
  const schema = child(now.node, 'schema')?.json;
  const type = isJson(schema) ? schema['type'] : undefined;
  const isScalar = typeof type === 'string' && type !== 'array' && type !== 'object';
  if (isScalar || styleOf(was) === styleOf(now)) return undefined;
  return {
    rule: 'parameter-style',
    what: `the ${now.place} parameter "${now.name}" is written differently`,
    mend: 'keep style and explode',
    certain: true,
  };
}

function bodyProblems(old: Operation, now: Operation): HttpProblem[] {
  const [was, is] = [child(old.node, 'requestBody'), child(now.node, 'requestBody')];
  const { subject } = now;
  const requires = (node: Node | undefined): boolean =>
    isJson(node?.json) && node.json['required'] === true;
  if (is === undefined) return [];
  const problems: HttpProblem[] = [];
  if (requires(is) && !requires(was)) {
    const mend = 'leave the body optional';
    const what = 'a body became required';
    problems.push({ rule: 'body-required', subject, what, mend, path: is.path, certain: true });
  }
  const accepted = new Map(children(child(is, 'content')));
  for (const [mediaType, sentAs] of children(was === undefined ? was : child(was, 'content'))) {
    const media = accepted.get(mediaType) ?? accepted.get('*/*');
    if (media === undefined) {
      const what = `a body of ${mediaType} is no longer accepted`;
      const mend = `accept ${mediaType} beside the new media type`;
      const rule = 'media-type-removed';
      problems.push({ rule, subject, what, mend, path: is.path, certain: true });
      continue;
    }
    const [sent, takes] = [child(sentAs, 'schema'), child(media, 'schema')];
    if (sent === undefined || takes === undefined) continue;
    const refused = refusals(takes, sent, { open: false }, 'the body');
    problems.push(...refused.map((it) => fromRefusal(it, 'request', subject, media.path)));
  }
  return problems;
}

/** A shared schema breaks many operations in the same way: each is named, once. */
function distinct(problems: readonly HttpProblem[]): HttpProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ rule, subject, what }) => {
    const key = `${rule}\n${subject}\n${what}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
