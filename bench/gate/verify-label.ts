import { join } from 'node:path';
import type { TopicTable } from '#contracts/spec/topics.ts';
import { bufBuild } from '../../harness/gate/protobuf/buf.ts';
import { avroCounterexample } from './avro-labels.ts';
import type { CaseTrees } from './case-trees.ts';
import type { CorpusCase, Label } from './corpus.ts';
import { httpCounterexample } from './http-labels.ts';
import { messageCounterexample } from './message-labels.ts';
import { pactCounterexample } from './pact-cases.ts';
import { protobufCounterexample } from './protobuf-labels.ts';
import { topicsCounterexample } from './topics-labels.ts';

/** The label that running a change shows, with the first failure if there is one. */
export interface VerifiedLabel {
  readonly verified: Label;
  readonly counterexample: string | undefined;
}

/**
 * Runs a change: encodes messages with one version and decodes them with the other, generates
 * requests and responses from one and validates them with the other. Uses none of the gate's rules.
 */
export async function verifyLabel(change: CorpusCase, trees: CaseTrees): Promise<VerifiedLabel> {
  const counterexample = await counterexampleOf(change, trees);
  return { verified: counterexample === undefined ? 'safe' : 'breaking', counterexample };
}

/** The first failure, or undefined when nothing fails. */
async function counterexampleOf(
  change: CorpusCase,
  { comparison, earlierModules }: CaseTrees,
): Promise<string | undefined> {
  switch (change.format) {
    case 'avro':
      return avroCounterexample(change);
    case 'protobuf': {
      const { base, head } = comparison;
      const folders = [base.tree.root, head.root].map((root) => join(root, 'proto'));
      const [before, after, ...earlier] = await Promise.all(
        [...folders, ...earlierModules].map((folder) => bufBuild(folder)),
      );
      if (before === undefined || after === undefined) throw new Error('no descriptors');
      return [before, ...earlier]
        .map((old) => protobufCounterexample(old, after))
        .find((found) => found !== undefined);
    }
    case 'openapi':
      return httpCounterexample(change.before, change.after);
    case 'asyncapi':
      return messageCounterexample(change.before, change.after);
    case 'pact':
      return pactCounterexample(change);
    case 'topics':
      return topicsCounterexample(
        change.before as unknown as TopicTable,
        change.after as unknown as TopicTable,
      );
  }
}
