import type { RemoteInfo } from "node:dgram";
import type { ClientLink } from "../core/client-link.ts";
import { EndpointTable } from "../core/endpoint-table.ts";
import type { RelayCore } from "../core/relay-core.ts";
import type { Scratch } from "../core/scratch.ts";
import type { Endpoint } from "../ip/address.ts";
import { parseEndpoint } from "../ip/address.ts";
import type { TurnListenerAddress } from "../turn-engine.ts";
import type { TurnListenerOptions } from "../turn-options.ts";
import { UdpSocket } from "./udp-socket.ts";

/** Takes datagrams of clients. Remembers a client only while it has an allocation. */
export class UdpListener {
  readonly address: TurnListenerAddress;
  readonly #core: RelayCore;
  readonly #socket: UdpSocket;
  readonly #held = new EndpointTable<UdpLink>();
  readonly #local: string;

  /** Throws the system's error when the address and port can't be bound. */
  constructor(options: TurnListenerOptions, core: RelayCore, queueBytesMax: number) {
    this.#core = core;
    this.#socket = new UdpSocket({
      address: options.address,
      port: options.port,
      queueBytesMax,
      onDatagram: (packet, from) => {
        this.#receive(packet, from);
      },
    });
    this.address = { protocol: "udp", address: options.address, port: this.#socket.port };
    this.#local = `${options.address}|${this.address.port}`;
  }

  /** Clients with an allocation. */
  get held(): number {
    return this.#held.size;
  }

  close(): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }

  /** There is none on UDP. */
  useCertificate(): void {}

  #receive(packet: Buffer, from: RemoteInfo): void {
    const link = this.#held.get(from.address, from.port) ?? this.#linkOf(from);
    if (link !== undefined) this.#core.receive(packet, 0, packet.length, link);
  }

  #linkOf(from: RemoteInfo): UdpLink | undefined {
    // No host sends from port 0, and an answer could not be sent to it.
    const remote = from.port === 0 ? undefined : parseEndpoint(from.address, from.port);
    if (remote === undefined) return undefined;
    return new UdpLink(this.#socket, this.#held, remote, from.address, this.#local);
  }
}

class UdpLink implements ClientLink {
  readonly transport = "udp";
  readonly remote: Endpoint;
  readonly path: string;
  readonly #socket: UdpSocket;
  readonly #held: EndpointTable<UdpLink>;
  readonly #address: string;

  constructor(
    socket: UdpSocket,
    held: EndpointTable<UdpLink>,
    remote: Endpoint,
    address: string,
    local: string,
  ) {
    this.#socket = socket;
    this.#held = held;
    this.remote = remote;
    this.#address = address;
    this.path = `udp|${local}|${address}|${remote.port}`;
  }

  send(scratch: Scratch, length: number): boolean {
    return this.#socket.sendScratch(scratch, length, this.remote.port, this.#address);
  }

  hold(): void {
    this.#held.set(this.#address, this.remote.port, this);
  }

  release(): void {
    this.#held.delete(this.#address, this.remote.port);
  }
}
