/** Finds names of this repository's own domain in code that has to work for any domain. */
import { basename } from 'node:path';
import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import { SERVICES } from '../kernel/address-book.ts';
import type { SourceFile } from './tidy.ts';

type Saga = (typeof SAGAS)[number];

/** Names of sagas, steps, commands and events: every string of a saga that is written like one. */
const SAGA_WORDS: readonly string[] = SAGAS.flatMap((saga: Saga) => [
  saga.name,
  ...[saga.started, ...Object.values(saga.progress), ...Object.values(saga.outcomes)].map(
    ({ event }) => event,
  ),
  ...saga.steps.flatMap<string>(({ name, command, replies, ...step }) => {
    const { topic: _, ...types } = replies;
    const undone = 'compensation' in step ? Object.values<string>(step.compensation) : [];
    return [name, command.type, ...Object.values(types), ...undone];
  }),
]);

const NAMES = new RegExp(
  `\\b(?:${[...new Set(SAGA_WORDS)].join('|')})\\b|(?<=['"\`])(?:${SERVICES.join('|')})(?=['"\`])`,
  'g',
);
const COMMENT = /^\s*(?:\*|\/\/|\/\*)/;
const CODE = /^harness\/.*(?<!\.(?:test|testkit|generated))\.ts$/;
const NOT_CODE = /\/(?:gen|fixtures)\//;

/** Code that is about this domain by its purpose, each with the reason. */
const ABOUT_THE_DOMAIN: ReadonlyArray<readonly [RegExp, string]> = [
  [/^harness\/conformance\/recipes\//, 'what the requests of each service need to succeed'],
  [/^harness\/contracts\//, 'provider states and examples of our own contracts'],
  [/^harness\/checker\/testing\//, 'histories for tests'],
  [/^harness\/dev\/domain-names\.ts$/, 'this rule'],
];

/** Names with another meaning, each with where it has that and which. */
const OTHER_MEANINGS: ReadonlyArray<readonly [string, RegExp, string]> = [
  [
    'websocket',
    /^harness\/(?:invariants|checker|history|coverage|witnesses)\//,
    'a source of a history',
  ],
  ['query', /^harness\/gate\/asyncapi\//, 'the query of an address'],
  ['order', /^harness\/eventstore\//, 'a stream of a test'],
];

/** An invariant that says `domain: true` may name the domain. */
const isDomainInvariant = ({ path, text }: SourceFile): boolean =>
  path.startsWith('harness/invariants/') && /^ {2}domain: true,$/m.test(text);

/** Every name of the domain in a file, as `path:line: name`. */
export function domainNames(file: SourceFile): string[] {
  const { path, text } = file;
  const isExempt = ABOUT_THE_DOMAIN.some(([folder]) => folder.test(path));
  if (!CODE.test(path) || NOT_CODE.test(path) || isExempt || isDomainInvariant(file)) return [];
  return text.split('\n').flatMap((line, index) => {
    if (COMMENT.test(line)) return [];
    return [...line.matchAll(NAMES)]
      .map(([name]) => name)
      .filter((name) => !OTHER_MEANINGS.some(([word, at]) => word === name && at.test(path)))
      .map((name) => `${path}:${index + 1}: ${name}`);
  });
}

/** A file that may name the domain so many times, and why. */
export interface DomainException {
  readonly names: number;
  readonly why: string;
}

type Exceptions = Readonly<Record<string, DomainException>>;

/**
 * Names beyond the exceptions, and exceptions that are not needed any more. A file that has moved
 * keeps its exception.
 */
export function newDomainNames(files: readonly SourceFile[], exceptions: Exceptions): string[] {
  const found = new Map(files.map((file) => [file.path, domainNames(file)]));
  const moved = new Map(
    Object.entries(exceptions)
      .filter(([path]) => !found.has(path))
      .map(([path, exception]) => [basename(path), exception]),
  );
  const exceptionOf = (path: string) => exceptions[path] ?? moved.get(basename(path));
  return [...found].flatMap(([path, names]) => {
    const allowed = exceptionOf(path)?.names ?? 0;
    if (allowed > 0 && names.length === 0 && CODE.test(path)) {
      return [`${path}: names nothing of the domain; remove its exception`];
    }
    return names.length > allowed ? names : [];
  });
}
