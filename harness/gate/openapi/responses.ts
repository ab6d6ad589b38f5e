import { anyOf, child, children, inView, isJson, type Node } from '../json-schema/document.ts';
import { incompatibilities } from '../json-schema/incompatibilities.ts';
import type { Incompatibility } from '../json-schema/incompatibility.ts';
import { includesMedia } from './media-types.ts';
import type { Operation } from './operations.ts';
import { fromRefusal, type HttpProblem } from './problem.ts';

/** What clients of the old document do not accept in a new response. */
export function responseProblems(old: Operation, now: Operation): HttpProblem[] {
  const [before, after] = [old, now].map(({ node }) => new Map(children(child(node, 'responses'))));
  if (before === undefined || after === undefined) return [];
  const answered = [...after].flatMap(([status, response]) => {
    const expected = expectedOf(before, status);
    if (expected === undefined) {
      return [
        {
          rule: 'status-added',
          subject: now.subject,
          what: `it may answer ${status}, which was not documented`,
          fix: 'answer a documented status, or document a `default` response one version before',
          path: response.path,
          certain: true,
        },
      ];
    }
    return [
      ...mediaProblems(old, now, { status, was: expected, is: response }),
      ...headerProblems(old, now, { status, was: expected, is: response }),
    ];
  });
  return [...successProblems(old, now, { before, after }), ...answered];
}

const isSuccess = (status: string): boolean => status.startsWith('2');

/** A client whose call can only fail is broken, however well the failures are documented. */
function successProblems(
  old: Operation,
  now: Operation,
  { before, after }: Readonly<Record<'before' | 'after', ReadonlyMap<string, Node>>>,
): HttpProblem[] {
  const expected = [...before].filter(([status]) => isSuccess(status));
  if (expected.length === 0 || [...after.keys()].some(isSuccess)) return [];
  const any = after.get('default');
  const isCovered =
    any !== undefined &&
    expected.some(
      ([status, was]) => mediaProblems(old, now, { status, was, is: any }).length === 0,
    );
  if (isCovered) return [];
  const statuses = expected.map(([status]) => status).join(', ');
  return [
    {
      rule: 'success-removed',
      subject: now.subject,
      what: `it no longer answers ${statuses}, and no other success is documented`,
      fix: `keep answering ${statuses} until no client calls it`,
      path: [...now.node.path, 'responses'],
      certain: true,
    },
  ];
}

/** What the old document says about a status: itself, its class, or any. */
function expectedOf(before: ReadonlyMap<string, Node>, status: string): Node | undefined {
  return (
    before.get(status) ??
    before.get(`${status[0]}XX`) ??
    before.get(`${status[0]}xx`) ??
    before.get('default')
  );
}

/** A response in both versions. */
interface Answer {
  readonly status: string;
  readonly was: Node;
  readonly is: Node;
}

function mediaProblems(old: Operation, now: Operation, { status, was, is }: Answer): HttpProblem[] {
  const sent = children(child(is, 'content'));
  const { subject } = now;
  return children(child(was, 'content')).flatMap(([mediaType, expected]): HttpProblem[] => {
    // A client that reads a range may be answered in any type of it.
    const answers = sent.filter(([own]) => includesMedia(mediaType, own));
    if (answers.length === 0) {
      const what = `${status} is no longer answered as ${mediaType}`;
      const fix = `keep answering ${mediaType} to clients that ask for it`;
      const rule = 'response-media-type-removed';
      return [{ rule, subject, what, fix, path: is.path, certain: true }];
    }
    return answers.flatMap(([, media]) =>
      unreadable(child(expected, 'schema'), child(media, 'schema'), isOpen(old)).map((refusal) =>
        fromRefusal(
          { ...refusal, what: `in ${status}, ${refusal.what}` },
          'response',
          subject,
          media.path,
        ),
      ),
    );
  });
}

function unreadable(
  reads: Node | undefined,
  writes: Node | undefined,
  open: boolean,
): Incompatibility[] {
  if (reads === undefined) return [];
  const receiver = inView(reads, { leftOut: 'writeOnly', side: 'receiver' });
  const sender = inView(writes ?? anyOf(reads), { leftOut: 'writeOnly', side: 'sender' });
  return incompatibilities(receiver, sender, { open }, 'the body');
}

/** The old document declares that its clients accept unknown members and properties. */
const isOpen = ({ document }: Operation): boolean => {
  const info = document.root['info'];
  return isJson(info) && info['x-open-sets'] === true;
};

function headerProblems(
  old: Operation,
  now: Operation,
  { status, was, is }: Answer,
): HttpProblem[] {
  const sent = new Map(
    children(child(is, 'headers')).map(([name, node]) => [name.toLowerCase(), node]),
  );
  const { subject } = now;
  return children(child(was, 'headers')).flatMap(([name, expected]): HttpProblem[] => {
    const header = sent.get(name.toLowerCase());
    const needed = requires(expected);
    if (needed && (header === undefined || !requires(header))) {
      const what = `the header ${name} of ${status} is no longer certain`;
      const rule = 'response-header-removed';
      const fix = `keep sending ${name}`;
      return [{ rule, subject, what, fix, path: header?.path ?? is.path, certain: true }];
    }
    if (header === undefined) return [];
    const [reads, writes] = [child(expected, 'schema'), child(header, 'schema')];
    if (reads === undefined || writes === undefined) return [];
    return incompatibilities(reads, writes, { open: isOpen(old) }, `the header ${name}`).map(
      (refusal) => fromRefusal(refusal, 'response', subject, header.path),
    );
  });
}

const requires = ({ json }: Node): boolean => isJson(json) && json['required'] === true;
