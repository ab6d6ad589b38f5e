import { join } from 'node:path';
import type { TopicTable } from '#contracts/spec/topics.ts';
import { bufBuild } from '../../harness/gate/protobuf/buf.ts';
import { avroCounterexample } from './avro-proof.ts';
import type { CaseTrees } from './case-trees.ts';
import type { CorpusCase } from './corpus.ts';
import { httpCounterexample } from './http-proof.ts';
import { messageCounterexample } from './message-proof.ts';
import { pactCounterexample } from './pact-cases.ts';
import { protobufCounterexample } from './protobuf-proof.ts';
import { topicsCounterexample } from './topics-proof.ts';

/**
 * What a change really does: messages are encoded with one version and decoded with the other,
 * requests and responses generated from one and validated with the other. Gives the first that
 * fails, or undefined when none does. None of it knows the gate's rules.
 */
export async function counterexample(
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
        [...folders, ...earlierModules].map(bufBuild),
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
