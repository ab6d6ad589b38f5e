/** Finds secrets in texts: the ones that a history names, and what is a secret by its form. */

const TOKEN = /eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10}/;
/** A URL with a password, as `postgres://user:password@host`. */
const PASSWORD = /:\/\/[^/\s:@]{1,64}:[^@\s/]{3,64}@/;
const WORDS = /[\w.+@-]+/g;
/** Shorter texts are no secret and have none in them. */
const CHARS_MIN = 6;

/** What every e-mail address has. */
const AT = '@';
/** Tokens of one issuer begin alike, such as with `tok_`. */
const PREFIX_CHARS = 4;
/** With more beginnings than these, looking for each costs more than it saves. */
const MARKS_MAX = 8;
/** JSON can write any character so. */
const ESCAPE = '\\u';

/** The secrets of one run. */
export class SecretTexts {
  /** What each is, by its text. */
  readonly #known = new Map<string, string>();
  /** Parts of which every known secret has one. */
  readonly #marks = new Set<string>();

  /** Notes a secret and what it is. */
  note(text: unknown, what: string): void {
    if (typeof text !== 'string' || text.length < CHARS_MIN || this.#known.has(text)) return;
    this.#known.set(text, what);
    if (this.#marks.size > MARKS_MAX) return;
    this.#marks.add(text.includes(AT) ? AT : text.slice(0, PREFIX_CHARS));
  }

  /**
   * Whether a secret may be in a text: a quick look that is never wrong when it says no.
   *
   * @param json a whole event as JSON
   */
  mayBeIn(json: string): boolean {
    if (this.#marks.size > MARKS_MAX) return true;
    if (json.includes(ESCAPE) || json.includes('eyJ') || json.includes('://')) return true;
    for (const mark of this.#marks) if (json.includes(mark)) return true;
    return false;
  }

  /** What secret is in a text, if there is one. */
  in(text: string): string | undefined {
    if (text.length < CHARS_MIN) return undefined;
    if (text.includes('eyJ') && TOKEN.test(text)) return 'an access token';
    if (text.includes('://') && PASSWORD.test(text)) return 'a password';
    if (this.#known.size === 0) return undefined;
    const whole = this.#known.get(text);
    if (whole !== undefined) return whole;
    for (const [word] of text.matchAll(WORDS)) {
      const what = word.length < CHARS_MIN ? undefined : this.#known.get(word);
      if (what !== undefined) return what;
    }
    return undefined;
  }
}
