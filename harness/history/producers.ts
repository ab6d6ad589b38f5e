import { TOPICS } from '#contracts/spec/topics.generated.ts';

/** Who publishes on each topic, as contracts/spec/topics.yaml says. */
export const PRODUCERS: Readonly<Record<string, string>> = Object.fromEntries(
  TOPICS.map(({ name, producers: [producer] }) => [name, producer]),
);
