import { randomBytes } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Address, Endpoint } from "../ip/address.ts";
import { parseAddress, sameAddress } from "../ip/address.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import type { CredentialQuota } from "./credential-quota.ts";
import { PortPool } from "./port-pool.ts";
import type { RelayNetwork, RelaySocket } from "./relay-socket.ts";

/** RFC 8656 section 7.2: the reserved port is kept for at least 30 seconds. */
const reservationMs = 30_000;
/** A port of the range may be held by another program; after so many of them in a row we give up. */
const bindAttempts = 16;

/** A bound relay port and the address that clients and peers know it by. */
export interface Relay {
  readonly socket: RelaySocket;
  readonly advertised: Endpoint;
  /** Closes the socket and gives the port back. */
  release(): void;
}

interface Reservation {
  readonly relay: Relay;
  readonly credentialId: string;
  readonly expiresAtMs: number;
}

interface RelayAddress {
  readonly bindTo: string;
  readonly local: Address;
  readonly external: Address;
  readonly ports: PortPool;
}

/** Hands out relay ports, and keeps those that EVEN-PORT reserved until their token is shown. */
export class RelayPool {
  readonly #addresses: readonly RelayAddress[];
  readonly #network: RelayNetwork;
  readonly #quota: CredentialQuota;
  readonly #clock: Clock;
  readonly #counters: TurnCounters;
  readonly #reservations = new Map<string, Reservation>();

  constructor(
    options: TurnOptions["relay"],
    network: RelayNetwork,
    quota: CredentialQuota,
    clock: Clock,
    counters: TurnCounters,
  ) {
    this.#network = network;
    this.#quota = quota;
    this.#clock = clock;
    this.#counters = counters;
    this.#addresses = options.addresses.map(({ address, external }) => {
      const local = parseAddress(address);
      const advertised = parseAddress(external ?? address);
      if (local === undefined || advertised === undefined) {
        throw new RangeError(`not a relay address: ${address}`);
      }
      return { bindTo: address, local, external: advertised, ports: new PortPool(options.ports) };
    });
  }

  get reservations(): number {
    return this.#reservations.size;
  }

  serves(family: 4 | 6): boolean {
    return this.#addresses.some((address) => address.local.family === family);
  }

  /** Where a packet for `address` really goes: behind a 1:1 NAT our own external address is local. */
  localOf(address: Address): Address {
    return this.#addresses.find((own) => sameAddress(own.external, address))?.local ?? address;
  }

  /** Undefined when no port is left. */
  open(family: 4 | 6, even: boolean): Relay | undefined {
    for (const address of this.#addressesOf(family)) {
      const relay = this.#bindAny(address, { even, pair: false })?.[0];
      if (relay !== undefined) return relay;
    }
    return undefined;
  }

  /** An even port and, under a token, the odd one after it (RFC 8656 section 7.2, EVEN-PORT). */
  openPair(family: 4 | 6, credentialId: string): { relay: Relay; token: Buffer } | undefined {
    for (const address of this.#addressesOf(family)) {
      const [relay, next] = this.#bindAny(address, { even: true, pair: true }) ?? [];
      if (relay === undefined || next === undefined) continue;
      const token = randomBytes(8);
      const expiresAtMs = this.#clock.now() + reservationMs;
      this.#reservations.set(token.toString("hex"), { relay: next, credentialId, expiresAtMs });
      this.#quota.take(credentialId);
      return { relay, token };
    }
    return undefined;
  }

  /** Undefined for a token that is unknown, has expired, or was given to another credential id. */
  claim(token: Buffer, credentialId: string): Relay | undefined {
    const name = token.toString("hex");
    const reservation = this.#reservations.get(name);
    if (reservation?.credentialId !== credentialId) return undefined;
    if (reservation.expiresAtMs <= this.#clock.now()) return undefined;
    this.#forget(name, reservation);
    return reservation.relay;
  }

  /** Closes reservations whose time is over. */
  sweep(nowMs: number): void {
    for (const [name, reservation] of this.#reservations) {
      if (reservation.expiresAtMs > nowMs) continue;
      this.#forget(name, reservation);
      reservation.relay.release();
    }
  }

  close(): void {
    this.sweep(Infinity);
  }

  #forget(name: string, reservation: Reservation): void {
    this.#reservations.delete(name);
    this.#quota.giveBack(reservation.credentialId);
  }

  #addressesOf(family: 4 | 6): RelayAddress[] {
    return this.#addresses.filter((address) => address.local.family === family);
  }

  #bindAny(address: RelayAddress, want: { even: boolean; pair: boolean }): Relay[] | undefined {
    let attempts = 0;
    for (const port of address.ports.candidates(want)) {
      const first = this.#bind(address, port);
      const second = first !== undefined && want.pair ? this.#bind(address, port + 1) : undefined;
      if (first !== undefined && !want.pair) return [first];
      if (first !== undefined && second !== undefined) return [first, second];
      first?.release();
      attempts += 1;
      if (attempts === bindAttempts) return undefined;
    }
    return undefined;
  }

  #bind(address: RelayAddress, port: number): Relay | undefined {
    const socket = this.#network.bind(address.bindTo, port);
    if (socket === undefined) return undefined;
    address.ports.take(port);
    this.#counters.gauge("relayPorts", 1);
    let released = false;
    return {
      socket,
      advertised: { ...address.external, port },
      release: () => {
        if (released) return;
        released = true;
        socket.close();
        address.ports.giveBack(port);
        this.#counters.gauge("relayPorts", -1);
      },
    };
  }
}
