/** Finds secrets in texts: the ones that a history names, and what is a secret by its form. */

const TOKEN = /eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10}/;
/** A URL with a password, as `postgres://user:password@host`. */
const PASSWORD = /:\/\/[^/\s:@]{1,64}:[^@\s/]{3,64}@/;
const WORDS = /[\w.+@-]+/g;
/** Shorter texts are no secret and have none in them. */
const CHARS_MIN = 6;

/** The secrets of one run. */
export class SecretTexts {
  /** What each is, by its text. */
  readonly #known = new Map<string, string>();

  /** Notes a secret and what it is. */
  note(text: unknown, what: string): void {
    if (typeof text === 'string' && text.length >= CHARS_MIN) this.#known.set(text, what);
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
