import type {
  ArmedRule,
  WireControl,
  WireHit,
  WireRelease,
  WireRule,
} from '../../harness/links/wire-rules.ts';

interface Operation {
  readonly link: string;
  readonly name: string;
  readonly point: WireRule['point'];
  readonly content: string;
}

interface FakeRule extends ArmedRule {
  lifted: boolean;
  readonly released: WireRelease[];
  readonly notify: (hit: WireHit) => void;
}

/** A wire proxy without wires: tests report the operations that pass. */
export class FakeWire implements Pick<WireControl, 'arm'> {
  readonly armed: FakeRule[] = [];
  readonly #operations: readonly string[];
  #ids = 0;

  constructor(operations: readonly string[]) {
    this.#operations = operations;
  }

  async arm(rule: WireRule): Promise<ArmedRule> {
    if (!this.#operations.includes(rule.operation)) {
      throw new Error(`there is no operation ${rule.operation}`);
    }
    const hits: WireHit[] = [];
    const waiting: Array<(hit: WireHit) => void> = [];
    const armed = {
      id: `r${++this.#ids}`,
      ...{ rule, hits, lifted: false, released: [] as WireRelease[] },
      hit: ({ signal }: { signal?: AbortSignal } = {}) =>
        new Promise<WireHit>((resolve, reject) => {
          const [first] = hits;
          if (first !== undefined) return resolve(first);
          signal?.addEventListener('abort', () => reject(signal.reason));
          waiting.push(resolve);
        }),
      async release(_: WireHit, as: WireRelease) {
        armed.released.push(as);
      },
      async lift() {
        armed.lifted = true;
      },
      [Symbol.asyncDispose]: async () => armed.lift(),
      notify: (hit: WireHit) => {
        hits.push(hit);
        for (const resolve of waiting.splice(0)) resolve(hit);
      },
    };
    this.armed.push(armed);
    return armed;
  }

  /** An operation passes: each rule that matches it, and was waited for long enough, hits once. */
  pass({ link, name, point, content }: Operation): void {
    for (const armed of this.armed) {
      const { rule, hits } = armed;
      const before = this.armed.find(({ id }) => id === rule.after);
      const isIt =
        rule.link === link && rule.operation === name && rule.point === point && hits.length === 0;
      const matches = (rule.contains ?? []).every((text) => content.includes(text));
      if (!isIt || !matches || (rule.after !== undefined && !before?.hits.length)) continue;
      const about = { connection: 1, operation: name, attributes: {}, point, atMs: 1 };
      armed.notify({ id: `h${armed.id}`, rule: armed.id, link, ...about });
    }
  }
}
