/** A broken assertion of the domain: it must not be caught and answered, the process ends. */
class BrokenInvariant extends Error {
  /** As `node:assert` says it; the domain imports nothing of Node. */
  readonly code = 'ERR_ASSERTION';
}

/** Says that our own code is wrong. */
export function broken(what: string): never {
  throw new BrokenInvariant(what);
}
