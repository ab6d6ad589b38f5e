import avsc, { type Type } from 'avsc';

/** A second check: the resolver of the library that our deployed readers use. */
export function avscReads(readerText: string, writerText: string): boolean {
  const reader = typeOf(readerText);
  const writer = typeOf(writerText);
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
}

// Unions of numbers are ambiguous in JavaScript unless their values are wrapped.
const typeOf = (text: string): Type =>
  avsc.Type.forSchema(JSON.parse(text), { wrapUnions: 'always' });

/** Why the library refuses a schema; undefined when it accepts it. */
export function avscRefusal(text: string): string | undefined {
  try {
    typeOf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
