import { GateError } from '../error.ts';
import { BudgetError } from '../json-schema/budget.ts';
import {
  anyOf,
  child,
  children,
  inView,
  isJson,
  type Node,
  type SchemaDocument,
  textOf,
} from '../json-schema/document.ts';
import { incompatibilities } from '../json-schema/incompatibilities.ts';
import { isUntouched } from '../json-schema/inline.ts';
import { mediaFor } from './media-types.ts';
import { parameterProblems } from './parameters.ts';
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
  /** By method and whole path, without names of parameters, which are not on the wire. */
  readonly calls: ReadonlyMap<string, { readonly base: string }>;
}

/** Two versions of a document, compared operation by operation. */
export class HttpComparison {
  readonly #before: SchemaDocument;
  readonly #after: SchemaDocument;
  #isOver = false;

  constructor(before: SchemaDocument, after: SchemaDocument) {
    this.#before = before;
    this.#after = after;
  }

  problems(): HttpProblem[] {
    const after = operationsOf(this.#after);
    const served = new Map(
      after.flatMap((operation) => [...operation.calls.keys()].map((call) => [call, operation])),
    );
    const gone = new Set<string>();
    const problems = operationsOf(this.#before).flatMap((old) => {
      const found = [...old.calls].map(([call, { base }]) => ({ base, now: served.get(call) }));
      const missing = found.filter(({ now }) => now === undefined);
      const moved = after.some(({ subject }) => shapeOf(subject) === shapeOf(old.subject));
      if (missing.length === found.length && !moved) return [removed(old)];
      for (const { base } of missing) gone.add(base);
      const now = new Set(found.flatMap(({ now: one }) => one ?? []));
      return [...now].flatMap((one) => this.#problems(old, one));
    });
    return distinct([...basesRemoved([...gone]), ...problems]);
  }

  /** What one operation cannot say does not hide the others; time that is over ends them all. */
  #problems(old: Operation, now: Operation): HttpProblem[] {
    if (this.#isOver) return [];
    try {
      return operationProblems(old, now);
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      this.#isOver = error instanceof BudgetError;
      const { subject, node } = now;
      const what = this.#isOver
        ? `${error.message}: it and the operations after it were not compared`
        : error.message;
      const fix = error.fix ?? 'correct the document';
      return [{ rule: 'unreadable', subject, what, fix, path: node.path, certain: false }];
    }
  }
}

function operationProblems(old: Operation, now: Operation): HttpProblem[] {
  const security = securityProblems(old, now);
  if (isUntouched(old.node, now.node) && isUntouched(old.pathItem, now.pathItem)) return security;
  return [
    ...parameterProblems(old, now),
    ...bodyProblems(old, now),
    ...responseProblems(old, now),
    ...security,
  ];
}

/** A client calls the old base path. */
function basesRemoved(gone: readonly string[]): HttpProblem[] {
  if (gone.length === 0) return [];
  return [
    {
      rule: 'base-path-removed',
      subject: 'every operation',
      what: `the base path ${gone.map((base) => base || '/').join(', ')} is gone from its servers`,
      fix: 'serve the old base path as well as the new one',
      path: ['servers'],
      certain: true,
    },
  ];
}

/** The paths of servers' addresses, with no slash at their ends. */
function basePaths(owners: readonly Node[]): string[] {
  const servers = owners.map((owner) => children(child(owner, 'servers')));
  const nearest = servers.find(({ length }) => length > 0) ?? [];
  if (nearest.length === 0) return [''];
  const paths = nearest.map(([, server]) => {
    const variables = child(server, 'variables');
    const url = (textOf(server, 'url') ?? '/').replaceAll(/\{([^}]*)\}/g, (whole, name: string) => {
      const variable = variables && child(variables, name);
      return (variable && textOf(variable, 'default')) ?? whole;
    });
    return url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\/$/, '');
  });
  return [...new Set(paths)];
}

const shapeOf = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');

function operationsOf(document: SchemaDocument): Operation[] {
  return children(child(document.top, 'paths')).flatMap(([path, pathItem]) =>
    METHODS.flatMap((method) => {
      const node = child(pathItem, method);
      if (node === undefined) return [];
      const bases = basePaths([node, pathItem, document.top]);
      const calls = new Map(
        bases.map((base) => [`${method} ${shapeOf(`${base}${path}`)}`, { base }]),
      );
      return [{ subject: `${method.toUpperCase()} ${path}`, node, pathItem, document, calls }];
    }),
  );
}

const removed = ({ subject }: Operation): HttpProblem => ({
  rule: 'operation-removed',
  subject,
  what: 'the operation is gone',
  fix: 'keep it and mark it deprecated until it has no callers',
  path: ['paths'],
  certain: true,
});

const REQUEST_SENT = { leftOut: 'readOnly', side: 'sender' } as const;
const REQUEST_TAKEN = { leftOut: 'readOnly', side: 'receiver' } as const;

function bodyProblems(old: Operation, now: Operation): HttpProblem[] {
  const [was, is] = [child(old.node, 'requestBody'), child(now.node, 'requestBody')];
  const { subject } = now;
  const requires = (node: Node | undefined): boolean =>
    isJson(node?.json) && node.json['required'] === true;
  if (is === undefined) return [];
  const problems: HttpProblem[] = [];
  if (requires(is) && !requires(was)) {
    const fix = 'leave the body optional';
    const what = 'a body became required';
    problems.push({ rule: 'body-required', subject, what, fix, path: is.path, certain: true });
  }
  const accepted = new Map(children(child(is, 'content')));
  for (const [mediaType, sentAs] of children(was === undefined ? was : child(was, 'content'))) {
    const media = mediaFor(accepted, mediaType);
    if (media === undefined) {
      const what = `a body of ${mediaType} is no longer accepted`;
      const fix = `accept ${mediaType} as well as the new media type`;
      const rule = 'media-type-removed';
      problems.push({ rule, subject, what, fix, path: is.path, certain: true });
      continue;
    }
    const [sent, takes] = [child(sentAs, 'schema'), child(media, 'schema')];
    if (takes === undefined) continue;
    const [receiver, sender] = [
      inView(takes, REQUEST_TAKEN),
      inView(sent ?? anyOf(takes), REQUEST_SENT),
    ];
    const refused = incompatibilities(receiver, sender, { open: false }, 'the body');
    problems.push(...refused.map((it) => fromRefusal(it, 'request', subject, media.path)));
  }
  return problems;
}

/** A shared schema breaks many operations in the same way: report each once. */
function distinct(problems: readonly HttpProblem[]): HttpProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ rule, subject, what }) => {
    const key = `${rule}\n${subject}\n${what}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
