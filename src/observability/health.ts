/** Undefined when all is well, else a short word on what is not; never an id or an address. */
export type HealthCheck = () => string | undefined;

export interface HealthReport {
  readonly ok: boolean;
  /** By the check's name: `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
}

/**
 * Two questions of an operator's machinery. Live: should this process be replaced? Ready: should
 * new users be sent here? A process that drains is live and not ready.
 */
export class Health {
  readonly #live = new Map<string, HealthCheck>();
  readonly #ready = new Map<string, HealthCheck>();

  /** A check that fails means that only a restart helps. */
  addLiveness(name: string, check: HealthCheck): void {
    this.#live.set(name, check);
  }

  addReadiness(name: string, check: HealthCheck): void {
    this.#ready.set(name, check);
  }

  liveness(): HealthReport {
    return report(this.#live);
  }

  /** What is not live is not ready either. */
  readiness(): HealthReport {
    return report(new Map([...this.#live, ...this.#ready]));
  }
}

function report(checks: ReadonlyMap<string, HealthCheck>): HealthReport {
  const results = [...checks].map(([name, check]) => [name, outcome(check)] as const);
  return {
    ok: results.every(([, result]) => result === "ok"),
    checks: Object.fromEntries(results),
  };
}

function outcome(check: HealthCheck): string {
  try {
    return check() ?? "ok";
  } catch {
    return "the check itself failed";
  }
}
