import type { Clock } from "../../lib/clock.ts";
import { longTermKey, parseUsername, passwordOf } from "../credentials.ts";

/** Who has proven a credential: what an allocation keeps. The key is derived, not the secret. */
export interface Identity {
  readonly username: string;
  readonly id: string;
  readonly key: Buffer;
}

export type Verification = Identity | "unknown" | "expired";

/** Finds the key that a proof holds under, of the keys that the accepted secrets give. */
export class CredentialVerifier {
  readonly #realm: string;
  #secrets: readonly string[];
  readonly #clock: Clock;

  constructor(realm: string, secrets: readonly string[], clock: Clock) {
    this.#realm = realm;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  useSecrets(secrets: readonly string[]): void {
    this.#secrets = secrets;
  }

  /**
   * `proves` tells whether the message is sealed under a key. Expiry is judged last, so that only
   * the holder of a credential learns that it has expired.
   */
  verify(username: string, proves: (key: Buffer) => boolean): Verification {
    const claimed = parseUsername(username);
    if (claimed === undefined) return "unknown";
    for (const secret of this.#secrets) {
      const key = longTermKey(username, this.#realm, passwordOf(secret, username));
      if (!proves(key)) continue;
      if (claimed.expiresAtMs <= this.#clock.now()) return "expired";
      return { username, id: claimed.id, key };
    }
    return "unknown";
  }
}
