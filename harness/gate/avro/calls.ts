import { isDeepStrictEqual } from 'node:util';
import type { Comparison } from '../comparison.ts';
import type { Finding } from '../finding.ts';
import { IDL_ENDINGS, protocolOf } from './protocol.ts';

/** The calls of protocols, which are not compared. */
export function callProblems({ base, head }: Comparison, folder: string): Finding[] {
  const files = IDL_ENDINGS.flatMap((ending) => base.tree.list(folder, ending));
  return files.flatMap((file): Finding[] => {
    if (head.read(file) === undefined) return [];
    const [was, is] = [base.tree, head].map((tree) => protocolOf(tree, file).messages);
    if (isDeepStrictEqual(was, is)) return [];
    return [
      {
        format: 'avro',
        subject: file,
        rule: 'avro/calls-changed',
        file,
        line: 1,
        causes: [],
        breaks: [`clients of ${file}`],
        fails: 'may not be able to call it',
        what: 'the messages of the protocol have changed, and the gate compares types only',
        fix: 'compare the messages by hand',
        certainty: 'unknown',
      },
    ];
  });
}
