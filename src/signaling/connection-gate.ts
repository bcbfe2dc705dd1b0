import type { IncomingMessage } from "node:http";
import type { ErrorCode } from "../protocol/index.ts";
import { handshake, PROTOCOL_VERSION, ProtocolError } from "../protocol/index.ts";
import { AddressCounter } from "./address-counter.ts";
import { clientAddress } from "./client-address.ts";
import { originAllowed } from "./origin-policy.ts";
import type { RefusedConnection } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";

/** Connections beyond the limit that are let in only to be told why they are refused. */
const TOLD_WHY = 16;

/** A refusal that Socket.IO carries to the client: `data` arrives with its `connect_error`. */
export class RefusedHandshake extends Error {
  readonly data: { readonly code: ErrorCode; readonly message: string };
  readonly reason: RefusedConnection;

  constructor(reason: RefusedConnection, code: ErrorCode, detail?: string) {
    const { message } = new ProtocolError(code, detail);
    super(message);
    this.name = "RefusedHandshake";
    this.reason = reason;
    this.data = { code, message };
  }
}

type GateOptions = Pick<
  SignalingOptions,
  "allowedOrigins" | "trustedProxies" | "connectionsPerAddress"
>;

/** Who may connect: by origin, by number of connections from an address, by protocol version. */
export class ConnectionGate {
  readonly #options: GateOptions;
  readonly #connections = new AddressCounter();
  #draining = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Addresses that have connections: zero means that nothing was left behind. */
  get addresses(): number {
    return this.#connections.addresses;
  }

  addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.#options.trustedProxies);
  }

  /** Before the upgrade to a WebSocket: why it is refused with an HTTP error, if it is. */
  refuseUpgrade(request: IncomingMessage): RefusedConnection | undefined {
    if (!originAllowed(request, this.#options.allowedOrigins)) return "origin";
    const count = this.#connections.of(this.addressOf(request));
    const most = this.#options.connectionsPerAddress + TOLD_WHY;
    return count >= most ? "too-many-connections" : undefined;
  }

  /** Counts a connection; the returned function takes it off again. */
  count(address: string): () => void {
    return this.#connections.add(address);
  }

  /** After the upgrade: why Socket.IO's handshake is refused, if it is. */
  refuseHandshake(address: string, auth: unknown): RefusedHandshake | undefined {
    const parsed = handshake.safeParse(auth);
    if (!parsed.success) return new RefusedHandshake("bad-handshake", "bad-request", "handshake");
    if (parsed.data.protocol !== PROTOCOL_VERSION) {
      const detail = `this server speaks ${PROTOCOL_VERSION}`;
      return new RefusedHandshake("protocol-unsupported", "protocol-unsupported", detail);
    }
    if (this.#draining) return new RefusedHandshake("server-closing", "server-closing");
    const count = this.#connections.of(address);
    if (count > this.#options.connectionsPerAddress) {
      const detail = "connections from this address";
      return new RefusedHandshake("too-many-connections", "rate-limited", detail);
    }
    return undefined;
  }

  /** Refuses everybody who comes from now on. */
  drain(): void {
    this.#draining = true;
  }
}
