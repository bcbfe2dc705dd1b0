import { networkInterfaces } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import { ClosedError } from "../../lib/closed-error.ts";
import type { RelayCore } from "../core/relay-core.ts";
import type { TurnCoreParts } from "../core/turn-core.ts";
import type { ThreadServer, ThreadServerParts } from "./serve-thread.ts";
import type { Address, Endpoint } from "../ip/address.ts";
import { isWildcard, parseAddress } from "../ip/address.ts";
import { ConnectionGate } from "../net/connection-gate.ts";
import { RelaySockets } from "../net/relay-sockets.ts";
import { StreamListener } from "../net/stream-listener.ts";
import { UdpListener } from "../net/udp-listener.ts";
import { UdpSocket } from "../net/udp-socket.ts";
import type { TurnAddresses, TurnListenerAddress } from "../turn-engine.ts";
import type { TurnCertificate, TurnListenerOptions, TurnOptions } from "../turn-options.ts";

interface Listener {
  readonly address: TurnListenerAddress;
  close(): Promise<void>;
  useCertificate(certificate: TurnCertificate): void;
}

/** A core with its listeners: all of an engine of our own that lives in its thread. */
export class TurnServer implements ThreadServer {
  readonly #options: TurnOptions;
  readonly #core: RelayCore;
  readonly #gate: ConnectionGate;
  readonly #clock: Clock;
  readonly #listeners: Listener[] = [];
  #closeReason: string | undefined;

  constructor(
    { options, clock, counters, onFault }: ThreadServerParts,
    createCore: (parts: TurnCoreParts) => RelayCore,
  ) {
    const network = new RelaySockets(options.limits.sendQueueBytes);
    this.#options = options;
    this.#clock = clock;
    this.#core = createCore({ options, network, clock, counters, onFault });
    this.#gate = new ConnectionGate(options.limits, counters);
  }

  get allocations(): number {
    return this.#core.allocations;
  }

  /**
   * Rejects with the system's error, and leaves nothing open, when a listener or a relay address
   * can't be bound.
   */
  async listen(): Promise<TurnAddresses> {
    try {
      this.#probeRelayAddresses();
      for (const options of this.#options.listeners) {
        this.#listeners.push(await this.#open(options));
        // Each at once: nothing of our own may be reached before the last one is bound either.
        this.#protect();
        if (this.#closeReason !== undefined)
          throw new ClosedError("TURN server", this.#closeReason);
      }
    } catch (error) {
      await this.close("a listener could not be bound");
      throw error;
    }
    return { listeners: this.#listeners.map(({ address }) => address) };
  }

  drain(): void {
    this.#core.drain();
  }

  useSecrets(secrets: readonly string[]): void {
    this.#core.useSecrets(secrets);
  }

  useCertificate(certificate: TurnCertificate): void {
    for (const listener of this.#listeners) listener.useCertificate(certificate);
  }

  async close(reason: string): Promise<void> {
    this.#closeReason ??= reason;
    this.#core.close(reason);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  async #open(options: TurnListenerOptions): Promise<Listener> {
    const { limits } = this.#options;
    if (options.protocol === "udp") {
      return new UdpListener(options, this.#core, limits.sendQueueBytes);
    }
    return StreamListener.open(options, {
      core: this.#core,
      gate: this.#gate,
      queueBytesMax: limits.sendQueueBytes,
      idleMs: limits.connectionIdleMs,
      clock: this.#clock,
    });
  }

  /** An address that isn't this machine's would otherwise show only as 508 for every client. */
  #probeRelayAddresses(): void {
    for (const { address } of this.#options.relay.addresses) {
      new UdpSocket({ address, port: 0, queueBytesMax: 0, onDatagram: () => {} }).close();
    }
  }

  #protect(): void {
    const { relay } = this.#options;
    const external = relay.addresses.map((own) => own.external ?? own.address);
    const local = relay.addresses.map((own) => own.address);
    const everywhere = addressesOf([...machineAddresses(), ...local, ...external]);
    const listeners = this.#listeners.flatMap(({ address: { address, port } }) => {
      const wildcard = addressesOf([address]).some(isWildcard);
      // A literal one may be known under an external address as well.
      const names = wildcard ? everywhere : addressesOf([address, ...external]);
      return names.map((name): Endpoint => ({ ...name, port }));
    });
    this.#core.protect({ listeners, addresses: everywhere, relayPorts: relay.ports });
  }
}

function addressesOf(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map((entry) => entry.address),
  );
}
