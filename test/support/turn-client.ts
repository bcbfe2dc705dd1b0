import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect as connectTcp, isIPv6 } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Endpoint } from "../../src/turn/ip/address.ts";
import { emptyEndpoint, formatAddress, parseEndpoint } from "../../src/turn/ip/address.ts";
import type { TurnListenerAddress } from "../../src/turn/turn-engine.ts";
import { attribute, messageClass, method, padded, udpProtocol } from "../../src/turn/wire/stun.ts";
import { StreamFramer } from "../../src/turn/wire/stream-framer.ts";
import { readXorAddress, StunReader } from "../../src/turn/wire/stun-reader.ts";
import { StunWriter } from "../../src/turn/wire/stun-writer.ts";
import type { Credential } from "./turn-request.ts";
import { turnRequest } from "./turn-request.ts";

const patienceMs = 20_000;

/** Data that came from a peer, by channel or in a Data indication. */
export interface Received {
  readonly channel?: number;
  readonly from?: string;
  readonly data: string;
}

export interface AllocateWish {
  readonly lifetimeS?: number;
  readonly family?: number;
  readonly additional?: number;
  readonly evenPort?: number;
  readonly token?: Buffer;
  readonly protocol?: number;
  readonly withoutTransport?: boolean;
}

interface Wire {
  readonly localPort: number;
  send(bytes: Buffer): void;
  pause(): void;
  close(): void;
}

/** An answer of the server, with what a test asks of it. */
export class Answer {
  readonly message: StunReader;

  constructor(bytes: Buffer) {
    this.message = new StunReader();
    if (!this.message.parse(bytes, 0, bytes.length)) throw new Error("the server sent no STUN");
  }

  get ok(): boolean {
    return this.message.class === messageClass.success;
  }

  /** 0 for a success. */
  get code(): number {
    const value = this.message.value(attribute.errorCode);
    return value === undefined ? 0 : value.readUInt8(2) * 100 + value.readUInt8(3);
  }

  address(type: number): string {
    const into = emptyEndpoint();
    if (!readXorAddress(this.message.buffer, 0, this.message.at(type), into)) return "none";
    return textOf(into);
  }

  get relayed(): Endpoint {
    const into = emptyEndpoint();
    if (
      !readXorAddress(this.message.buffer, 0, this.message.at(attribute.xorRelayedAddress), into)
    ) {
      throw new Error("no relayed address");
    }
    return into;
  }
}

export function textOf(of: Endpoint): string {
  const address = formatAddress(of);
  return of.family === 6 ? `[${address}]:${of.port}` : `${address}:${of.port}`;
}

export function endpoint(address: string, port: number): Endpoint {
  const parsed = parseEndpoint(address, port);
  if (parsed === undefined) throw new TypeError(`not an address: ${address}`);
  return parsed;
}

/** A TURN client for tests: it says exactly what it is told to, right or wrong. */
export class TurnClient {
  readonly #wire: Wire;
  readonly #stream: boolean;
  readonly #credential: Credential;
  readonly #waiting = new Map<string, (bytes: Buffer) => void>();
  readonly #received: Received[] = [];
  readonly #receivers: ((received: Received) => void)[] = [];
  readonly #ended: Promise<void>;
  #tap: ((payload: Buffer) => void) | undefined;
  nonce = "";
  realm = "";

  private constructor(wire: Wire, stream: boolean, credential: Credential, ended: Promise<void>) {
    this.#wire = wire;
    this.#stream = stream;
    this.#credential = credential;
    this.#ended = ended;
  }

  static connect(server: TurnListenerAddress, credential: Credential): Promise<TurnClient> {
    return server.protocol === "udp"
      ? TurnClient.#overUdp(server, credential)
      : TurnClient.#overStream(server, credential);
  }

  get localPort(): number {
    return this.#wire.localPort;
  }

  /** Resolves when the server has closed the connection. */
  ended(): Promise<void> {
    return withPatience(this.#ended, "the connection to end");
  }

  close(): void {
    this.#wire.close();
  }

  /** From now on ChannelData goes to `tap` as it comes, and to nobody else. */
  tapChannelData(tap: (payload: Buffer) => void): void {
    this.#tap = tap;
  }

  /** The id in its credential. */
  get id(): string {
    return this.#credential.username.split(":").at(1) ?? "";
  }

  /** Stops to read from the connection. */
  pause(): void {
    this.#wire.pause();
  }

  raw(bytes: Buffer): void {
    this.#wire.send(bytes);
  }

  /** Sends a request with the credential and the last nonce, if there was one, and awaits its answer. */
  request(
    methodNumber: number,
    build: (writer: StunWriter) => void = () => {},
    options: {
      plain?: boolean;
      credential?: Credential;
      transactionId?: Buffer;
      patienceMs?: number;
    } = {},
  ): Promise<Answer> {
    const transactionId = options.transactionId ?? randomBytes(12);
    const { realm, nonce } = this;
    const seal = { credential: options.credential ?? this.#credential, realm, nonce };
    const bytes = turnRequest({
      method: methodNumber,
      build,
      seal: options.plain === true ? undefined : seal,
      transactionId,
    });
    const answer = this.#answerTo(transactionId);
    this.#wire.send(bytes);
    return withPatience(answer, `the answer to method ${methodNumber}`, options.patienceMs);
  }

  /** Asks for a nonce, then as `request`. */
  async sealed(
    methodNumber: number,
    build: (writer: StunWriter) => void = () => {},
    options: { credential?: Credential; transactionId?: Buffer } = {},
  ): Promise<Answer> {
    if (this.nonce === "") await this.challenge();
    return this.request(methodNumber, build, options);
  }

  /** The server's 401, whose realm and nonce are used from now on. */
  async challenge(): Promise<Answer> {
    const answer = await this.request(method.allocate, () => {}, { plain: true });
    this.realm = answer.message.text(attribute.realm) ?? "";
    this.nonce = answer.message.text(attribute.nonce) ?? "";
    return answer;
  }

  allocate(wish: AllocateWish = {}, transactionId?: Buffer): Promise<Answer> {
    const build = (writer: StunWriter) => {
      if (wish.withoutTransport !== true) {
        writer.uint32(attribute.requestedTransport, (wish.protocol ?? udpProtocol) << 24);
      }
      if (wish.lifetimeS !== undefined) writer.uint32(attribute.lifetime, wish.lifetimeS);
      if (wish.family !== undefined) {
        writer.uint32(attribute.requestedAddressFamily, wish.family << 24);
      }
      if (wish.additional !== undefined) {
        writer.uint32(attribute.additionalAddressFamily, wish.additional << 24);
      }
      if (wish.evenPort !== undefined) {
        writer.bytes(attribute.evenPort, Buffer.from([wish.evenPort]));
      }
      if (wish.token !== undefined) writer.bytes(attribute.reservationToken, wish.token);
    };
    return this.sealed(
      method.allocate,
      build,
      transactionId === undefined ? {} : { transactionId },
    );
  }

  refresh(lifetimeS: number): Promise<Answer> {
    return this.sealed(method.refresh, (writer) => writer.uint32(attribute.lifetime, lifetimeS));
  }

  permit(...peers: Endpoint[]): Promise<Answer> {
    return this.sealed(method.createPermission, (writer) => {
      for (const peer of peers) writer.address(attribute.xorPeerAddress, peer);
    });
  }

  bind(channel: number, peer: Endpoint): Promise<Answer> {
    return this.sealed(method.channelBind, (writer) => {
      writer.uint32(attribute.channelNumber, channel << 16);
      writer.address(attribute.xorPeerAddress, peer);
    });
  }

  sendTo(peer: Endpoint, data: string | Buffer): void {
    const buffer = Buffer.alloc(2_000);
    const writer = new StunWriter()
      .begin(buffer, method.send, messageClass.indication, randomBytes(12), 0)
      .address(attribute.xorPeerAddress, peer)
      .bytes(attribute.data, Buffer.from(data));
    this.#wire.send(buffer.subarray(0, writer.length));
  }

  sendChannel(channel: number, data: string | Buffer): void {
    const payload = Buffer.from(data);
    const bytes = Buffer.alloc(4 + (this.#stream ? padded(payload.length) : payload.length));
    bytes.writeUInt16BE(channel, 0);
    bytes.writeUInt16BE(payload.length, 2);
    payload.copy(bytes, 4);
    this.#wire.send(bytes);
  }

  /** The next data from a peer. */
  received(): Promise<Received> {
    const next = this.#received.shift();
    if (next !== undefined) return Promise.resolve(next);
    const coming = new Promise<Received>((resolve) => this.#receivers.push(resolve));
    return withPatience(coming, "data from a peer");
  }

  /** Data that nobody has asked for with `received`. */
  get unread(): number {
    return this.#received.length;
  }

  #answerTo(transactionId: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.set(transactionId.toString("hex"), (bytes) => {
        resolve(new Answer(bytes));
      });
    });
  }

  #take(bytes: Buffer): void {
    if (bytes.readUInt8(0) >>> 6 === 1) {
      if (this.#tap !== undefined) {
        this.#tap(bytes.subarray(4, 4 + bytes.readUInt16BE(2)));
        return;
      }
      const length = bytes.readUInt16BE(2);
      const data = bytes.subarray(4, 4 + length).toString();
      this.#deliver({ channel: bytes.readUInt16BE(0), data });
      return;
    }
    const message = new StunReader();
    if (!message.parse(bytes, 0, bytes.length)) throw new Error("the server sent no STUN");
    if (message.class === messageClass.indication) {
      const peer = emptyEndpoint();
      message.peer(0, peer);
      const data = message.value(attribute.data)?.toString() ?? "";
      this.#deliver({ from: textOf(peer), data });
      return;
    }
    const name = bytes.subarray(8, 20).toString("hex");
    this.#waiting.get(name)?.(bytes);
    this.#waiting.delete(name);
  }

  #deliver(received: Received): void {
    const receiver = this.#receivers.shift();
    if (receiver === undefined) this.#received.push(received);
    else receiver(received);
  }

  static async #overUdp(server: TurnListenerAddress, credential: Credential): Promise<TurnClient> {
    const v6 = isIPv6(server.address);
    const socket = createSocket(v6 ? "udp6" : "udp4");
    await new Promise<void>((resolve) => socket.bind(0, v6 ? "::1" : "127.0.0.1", resolve));
    const ended = new Promise<void>((resolve) => socket.once("close", resolve));
    let open = true;
    const wire = {
      localPort: socket.address().port,
      send: (bytes: Buffer) => socket.send(bytes, server.port, server.address),
      pause: () => {
        throw new Error("a UDP client reads always");
      },
      close: () => {
        if (open) socket.close();
        open = false;
      },
    };
    const client = new TurnClient(wire, false, credential, ended);
    socket.on("message", (bytes) => client.#take(bytes));
    return client;
  }

  static async #overStream(
    server: TurnListenerAddress,
    credential: Credential,
  ): Promise<TurnClient> {
    const where = { host: server.address, port: server.port };
    const tls = server.protocol === "tls";
    const socket = tls ? connectTls({ ...where, rejectUnauthorized: false }) : connectTcp(where);
    const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
    });
    // A server that cuts the connection is what some tests wait for.
    socket.on("error", () => {});
    const wire = {
      localPort: socket.localPort ?? 0,
      send: (bytes: Buffer) => {
        socket.write(bytes);
      },
      pause: () => {
        socket.pause();
      },
      close: () => {
        socket.destroy();
      },
    };
    const client = new TurnClient(wire, true, credential, ended);
    const framer = new StreamFramer({
      onFrame: (buffer, start, end) => client.#take(Buffer.from(buffer.subarray(start, end))),
      frameBytesMax: () => 70_000,
    });
    socket.on("data", (chunk: Buffer) => framer.push(chunk));
    return client;
  }
}

async function withPatience<Result>(
  promise: Promise<Result>,
  what: string,
  waitMs = patienceMs,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited in vain for ${what}`));
    }, waitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
