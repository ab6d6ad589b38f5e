import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Node } from './document.ts';
import type { Incompatibility } from './incompatibility.ts';
import { inlinedWithin } from './inline.ts';
import { hintsOf, samplesOf } from './samples.ts';

/** Larger schemas are not tried: compiling them takes longer than comparing them. */
const PARTS_MAX = 4000;
const SHOWN_CHARACTERS_MAX = 120;

interface Compared {
  readonly receiver: Node;
  readonly sender: Node;
  readonly options: { readonly open: boolean };
  readonly place: string;
}

/**
 * Looks for a value that is sent and refused where the rules are not certain: one makes a doubt
 * certain, and shows a break that no rule knows. That there is none proves nothing.
 */
export function withExample(
  found: readonly Incompatibility[],
  compared: Compared,
): Incompatibility[] {
  if (found.some(({ certain }) => certain)) return [...found];
  const example = exampleOf(compared);
  if (example === undefined) return [...found];
  const { place, receiver } = compared;
  const text = JSON.stringify(example);
  const shown =
    text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
  if (found.length === 0) {
    const what = `${place} may be ${shown}, which is refused`;
    const { path } = receiver;
    return [{ rule: 'value-refused', what, path, in: 'receiver', certain: true }];
  }
  return found.map((doubt) => ({
    ...doubt,
    rule: 'value-refused',
    what: `${doubt.what.replace(/, and it is undecidable.*$/, '')}: ${shown} is refused`,
    certain: true,
  }));
}

/** The first sample of the sender that the receiver refuses. */
function exampleOf({ receiver, sender, options }: Compared): unknown {
  // Tolerant readers and properties of one direction are outside what a validator knows.
  if (options.open || [receiver, sender].some(({ document }) => document.hasMarks))
    return undefined;
  const [takes, sends] = [receiver, sender].map((node) => inlinedWithin(node, PARTS_MAX));
  if (takes === undefined || sends === undefined) return undefined;
  const [accepts, isSent] = [validatorOf(takes), validatorOf(sends)];
  if (accepts === undefined || isSent === undefined) return undefined;
  return samplesOf(sends, hintsOf(takes)).find((value) => isSent(value) && !accepts(value));
}

const AJV_OPTIONS = {
  strict: false,
  validateFormats: true,
  logger: false,
  meta: false,
  validateSchema: false,
} as const;

/** Undefined for a schema that the validator cannot compile. */
function validatorOf(schema: unknown): ((value: unknown) => boolean) | undefined {
  try {
    const validate = addFormats.default(new Ajv2020(AJV_OPTIONS)).compile(schema as object);
    return (value) => validate(value) === true;
  } catch {
    return undefined;
  }
}
