/** A broken assertion of the domain: nobody may catch and answer it, the process ends. */
class BrokenInvariant extends Error {
  /** As `node:assert` says it; the domain imports nothing of Node. */
  readonly code = 'ERR_ASSERTION';
}

/** Says that our own code is wrong. */
export function broken(what: string): never {
  throw new BrokenInvariant(what);
}
