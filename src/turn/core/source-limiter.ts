import { randomBytes } from "node:crypto";
import type { Address } from "../ip/address.ts";

const buckets = 4096;

/**
 * Bounds what is answered to sources that have proven nothing, so that forged addresses make of the
 * node neither a reflector nor a busy one. Memory is fixed: source networks (/24 of IPv4, /56 of
 * IPv6) share counters by a secret hash, and all counters begin anew each second.
 */
export class SourceLimiter {
  readonly #perSecond: number;
  readonly #counts = new Uint32Array(buckets);
  readonly #seed = randomBytes(4).readUInt32BE();
  #second = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** False when the source's network has had its share of this second. */
  allows(source: Address, nowMs: number): boolean {
    this.#turn(nowMs);
    return (this.#counts[this.#bucketOf(source)] ?? 0) < this.#perSecond;
  }

  count(source: Address, nowMs: number): void {
    this.#turn(nowMs);
    const bucket = this.#bucketOf(source);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  #turn(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#counts.fill(0);
  }

  #bucketOf({ family, w0, w1 }: Address): number {
    const network = family === 4 ? w0 >>> 8 : Math.imul(w0, 0x9e3779b1) ^ (w1 >>> 8);
    const mixed = Math.imul(network ^ this.#seed, 0x85ebca6b);
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 20;
  }
}
