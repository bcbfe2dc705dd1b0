import { addressKey } from "./client-address.ts";

/** How many of something each address has: each IPv4 address, or each IPv6 network of 64 bits. */
export class AddressCounter {
  readonly #counts = new Map<string, number>();

  /** Addresses that have any: zero means that nothing was left behind. */
  get addresses(): number {
    return this.#counts.size;
  }

  of(address: string): number {
    return this.#counts.get(addressKey(address)) ?? 0;
  }

  /** The returned function takes it off again; call it once. */
  add(address: string): () => void {
    const key = addressKey(address);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }
}
