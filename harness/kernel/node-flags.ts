/** A start makes much that lasts: in a small nursery it would be copied again and again. */
export const START_FLAGS = ['--min-semi-space-size=16'] as const;
