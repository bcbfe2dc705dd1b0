/** Relay ports that each credential id holds, reserved ones included. */
export class CredentialQuota {
  readonly #limit: number;
  readonly #held = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  hasRoom(credentialId: string, ports: number): boolean {
    return (this.#held.get(credentialId) ?? 0) + ports <= this.#limit;
  }

  take(credentialId: string): void {
    this.#held.set(credentialId, (this.#held.get(credentialId) ?? 0) + 1);
  }

  giveBack(credentialId: string): void {
    const held = (this.#held.get(credentialId) ?? 0) - 1;
    if (held > 0) this.#held.set(credentialId, held);
    else this.#held.delete(credentialId);
  }

  /** Credential ids that hold anything. */
  get size(): number {
    return this.#held.size;
  }
}
