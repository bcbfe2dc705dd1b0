/**
 * A map by address and port. Two levels instead of one joined key, so that a look-up on the data
 * path builds no string.
 */
export class EndpointTable<Value> {
  readonly #ports = new Map<number, Map<string, Value>>();

  get(address: string, port: number): Value | undefined {
    return this.#ports.get(port)?.get(address);
  }

  set(address: string, port: number, value: Value): void {
    const addresses = this.#ports.get(port) ?? new Map<string, Value>();
    this.#ports.set(port, addresses);
    addresses.set(address, value);
  }

  delete(address: string, port: number): void {
    const addresses = this.#ports.get(port);
    addresses?.delete(address);
    if (addresses?.size === 0) this.#ports.delete(port);
  }

  get size(): number {
    let size = 0;
    for (const addresses of this.#ports.values()) size += addresses.size;
    return size;
  }

  *values(): Generator<Value> {
    for (const addresses of this.#ports.values()) yield* addresses.values();
  }
}
