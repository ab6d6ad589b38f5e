import { DFA, isDisjointWith, JS, NFA } from 'refa';

const NODES_MAX = 20_000;

/**
 * Whether every text that matches `sent` matches `accepted`. Undefined when it cannot be decided:
 * look-arounds, back references, or automata that are too large.
 */
export function includesPattern(accepted: string, sent: string): boolean | undefined {
  if (accepted === sent) return true;
  try {
    const [wide, narrow] = [automatonOf(accepted), automatonOf(sent)];
    wide.complement();
    return isDisjointWith(wide, narrow, NODES_MAX);
  } catch {
    // refa and its parser throw plain errors for what they do not support: it stays open.
    return undefined;
  }
}

/** Whether no text matches both patterns; false when that cannot be decided. */
export function excludesPattern(one: string, other: string): boolean {
  try {
    return isDisjointWith(automatonOf(one), automatonOf(other), NODES_MAX);
  } catch {
    return false;
  }
}

/** Whether some text matches both patterns; undefined when that cannot be decided. */
export function overlaps(one: string, other: string): boolean | undefined {
  if (one === other) return true;
  try {
    return !isDisjointWith(automatonOf(one), automatonOf(other), NODES_MAX);
  } catch {
    return undefined;
  }
}

/** Whether a text matches; a pattern that is no regular expression matches nothing. */
export function matchesText(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return false;
  }
}

/** Short texts that match, the shortest first; none where that cannot be decided. */
export function exampleTexts(pattern: string, count: number): string[] {
  const texts: string[] = [];
  try {
    for (const word of automatonOf(pattern).words()) {
      texts.push(String.fromCodePoint(...word.map(readable)));
      if (texts.length >= count * EXAMPLES_OVER) break;
    }
  } catch {
    return [];
  }
  return texts.filter((text) => matchesText(pattern, text)).slice(0, count);
}

/** Some words repeat characters that are replaced by readable ones and then no longer match. */
const EXAMPLES_OVER = 4;

/** The first code point of a range is often a control character. */
const readable = (codePoint: number): number => (codePoint < 0x20 ? 0x61 : codePoint);

/** Whether a pattern matches every text. */
export const matchesAll = (pattern: string): boolean => includesPattern(pattern, '') === true;

const ANCHORED = /^\^(?<body>[\s\S]*)$/;

/** A pattern is searched for, so what may stand around it is part of its language. */
function automatonOf(pattern: string): DFA {
  const start = ANCHORED.exec(pattern);
  let body = start?.groups?.['body'] ?? pattern;
  const ends = body.endsWith('$') && !body.endsWith('\\$');
  if (ends) body = body.slice(0, -1);
  // An anchor that covers one alternative only is not the pattern's own.
  if (hasTopLevelBar(body) && (start !== null || ends))
    throw new Error('an anchor of one alternative');
  const source = `${start === null ? '[^]*' : ''}(?:${body})${ends ? '' : '[^]*'}`;
  const parser = JS.Parser.fromLiteral({ source, flags: 'u' });
  const { expression, maxCharacter } = parser.parse({
    assertions: 'throw',
    backreferences: 'throw',
  });
  const limit = new NFA.LimitedNodeFactory(NODES_MAX);
  const nfa = NFA.fromRegex(expression, { maxCharacter }, {}, limit);
  return DFA.fromFA(nfa, new DFA.LimitedNodeFactory(NODES_MAX));
}

function hasTopLevelBar(body: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let index = 0; index < body.length; index += 1) {
    const character = body[index];
    if (character === '\\') index += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}
