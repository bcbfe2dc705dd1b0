import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";

const macBytes = 16;
const stampDigits = 8;

/**
 * Nonces that nobody has to remember: the time of issue and a MAC over it and over the 5-tuple that
 * it was given to. So the server stores nothing for clients that have proven nothing, and a nonce
 * that is seen on another path is as stale as an old one.
 */
export class Nonces {
  readonly #secret = randomBytes(32);
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  constructor(lifetimeMs: number, clock: Clock) {
    this.#lifetimeMs = lifetimeMs;
    this.#clock = clock;
  }

  /** `path` names the 5-tuple. */
  issue(path: string): string {
    // Seconds in base 36 keep 8 digits for a long time and leave the nonce at 30 characters.
    const stamp = Math.floor(this.#clock.now() / 1000)
      .toString(36)
      .padStart(stampDigits, "0");
    return stamp + this.#mac(stamp, path).toString("base64url");
  }

  valid(nonce: string, path: string): boolean {
    const stamp = nonce.slice(0, stampDigits);
    const given = Buffer.from(nonce.slice(stampDigits), "base64url");
    if (given.length !== macBytes || !timingSafeEqual(given, this.#mac(stamp, path))) return false;
    return this.#clock.now() - Number.parseInt(stamp, 36) * 1000 <= this.#lifetimeMs;
  }

  #mac(stamp: string, path: string): Buffer {
    const mac = createHmac("sha256", this.#secret).update(`${stamp}|${path}`).digest();
    return mac.subarray(0, macBytes);
  }
}
