/** One check may take this long; then it counts as failed. */
const CHECK_DEADLINE_MS = 1_000;

/** Rejects when the service should get no work. Polled often: it must be cheap. */
export type HealthCheck = () => Promise<void>;

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or one sentence that says why not. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Whether a service should get work: it is composed, not draining, and every check passes. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  #phase: 'starting' | 'composed' | 'draining' = 'starting';

  /** Adds a check by the name that `/readyz` shows. */
  add(name: string, check: HealthCheck): void {
    this.#checks.set(name, check);
  }

  /** Says that the service is built. */
  markComposed(): void {
    if (this.#phase === 'starting') this.#phase = 'composed';
  }

  /** Says that the service goes away; nothing brings it back. */
  markDraining(): void {
    this.#phase = 'draining';
  }

  /** Runs every check side by side. Never rejects. */
  async readiness(): Promise<Readiness> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const checks = { service: phaseText[this.#phase], ...Object.fromEntries(results) };
    return { ready: Object.values(checks).every((text) => text === 'ok'), checks };
  }
}

const phaseText = { starting: 'is starting', composed: 'ok', draining: 'is draining' } as const;

async function outcomeOf(check: HealthCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer in ${CHECK_DEADLINE_MS} ms`), CHECK_DEADLINE_MS);
  });
  const checked = check().then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}
