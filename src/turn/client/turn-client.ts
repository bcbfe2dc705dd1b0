import { randomBytes } from "node:crypto";
import { longTermKey } from "../credentials.ts";
import type { Endpoint } from "../ip/address.ts";
import { emptyEndpoint } from "../ip/address.ts";
import { integrityHolds } from "../wire/integrity.ts";
import { StunReader, readXorAddress } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { attribute, familyCode, messageClass, method, udpProtocol } from "../wire/stun.ts";
import { TurnClientError } from "./client-error.ts";
import type { WireTarget } from "./client-wire.ts";
import type { StunLink } from "./stun-link.ts";
import { openStunLink } from "./stun-link.ts";

export interface TurnAccount {
  readonly username: string;
  readonly password: string;
}

export interface Allocated {
  /** Where peers see this client. */
  readonly relayed: Endpoint;
  /** Where the TURN server sees this client. */
  readonly mapped: Endpoint;
  readonly lifetimeS: number;
}

/** What a peer sent, and how it came: by a channel, or in a Data indication. */
export interface FromPeer {
  readonly data: Buffer;
  readonly channel: number | undefined;
}

type Receiver = (from: FromPeer) => void;

const requestBytesMax = 1_024;
const channelHeaderBytes = 4;
/** Of a nonce that is stale the server says so, and gives a new one with it. */
const attemptsMax = 3;

/**
 * A client of a TURN server (RFC 8656) that does what the standard asks and nothing clever: one
 * allocation, permissions, channels, data. It is for looking whether a relay works.
 */
export class TurnClient {
  readonly #link: StunLink;
  readonly #account: TurnAccount;
  readonly #receivers: Receiver[];
  #realm = "";
  #nonce = "";

  /** Connects and asks nothing yet. Rejects with `TurnClientError`. */
  static async open(
    target: WireTarget,
    account: TurnAccount,
    timeoutMs: number,
  ): Promise<TurnClient> {
    const receivers: Receiver[] = [];
    const link = await openStunLink(target, timeoutMs, (bytes) => {
      const from = channelData(bytes) ?? dataIndication(bytes);
      if (from !== undefined) for (const receiver of receivers) receiver(from);
    });
    return new TurnClient(link, account, receivers);
  }

  private constructor(link: StunLink, account: TurnAccount, receivers: Receiver[]) {
    this.#link = link;
    this.#account = account;
    this.#receivers = receivers;
  }

  /** Why browsers would refuse the server's certificate. */
  get certificateProblem(): string | undefined {
    return this.#link.wire.certificateProblem;
  }

  async allocate(family: 4 | 6 = 4): Promise<Allocated> {
    const answer = await this.#request(method.allocate, (writer) => {
      writer.uint32(attribute.requestedTransport, udpProtocol << 24);
      if (family === 6) writer.uint32(attribute.requestedAddressFamily, familyCode[6] << 24);
    });
    return {
      relayed: addressIn(answer, attribute.xorRelayedAddress),
      mapped: addressIn(answer, attribute.xorMappedAddress),
      lifetimeS: answer.uint32(attribute.lifetime) ?? 0,
    };
  }

  async permit(peer: Endpoint): Promise<void> {
    await this.#request(method.createPermission, (writer) =>
      writer.address(attribute.xorPeerAddress, peer),
    );
  }

  /** `channel` is from 0x4000 to 0x4fff. It is a permission for the peer's address, too. */
  async bind(channel: number, peer: Endpoint): Promise<void> {
    await this.#request(method.channelBind, (writer) =>
      writer.uint32(attribute.channelNumber, channel << 16).address(attribute.xorPeerAddress, peer),
    );
  }

  /** 0 ends the allocation. */
  async refresh(lifetimeS: number): Promise<void> {
    await this.#request(method.refresh, (writer) => writer.uint32(attribute.lifetime, lifetimeS));
  }

  /** By a Send indication: peers without a permission don't get it, and nobody says so. */
  sendTo(peer: Endpoint, data: Buffer): void {
    const buffer = Buffer.alloc(requestBytesMax + data.length);
    const { length } = new StunWriter()
      .begin(buffer, method.send, messageClass.indication, randomBytes(12), 0)
      .address(attribute.xorPeerAddress, peer)
      .bytes(attribute.data, data);
    this.#link.wire.send(buffer.subarray(0, length));
  }

  /** Padded to four bytes, as streams need and datagrams may have (RFC 8656 section 12.5). */
  sendChannel(channel: number, data: Buffer): void {
    const bytes = Buffer.alloc(channelHeaderBytes + Math.ceil(data.length / 4) * 4);
    bytes.writeUInt16BE(channel, 0);
    bytes.writeUInt16BE(data.length, 2);
    data.copy(bytes, channelHeaderBytes);
    this.#link.wire.send(bytes);
  }

  onData(receiver: Receiver): void {
    this.#receivers.push(receiver);
  }

  /** Ends the allocation as well as it can, and the connection. Never rejects. */
  async leave(): Promise<void> {
    try {
      await this.refresh(0);
    } catch {
      // It ends by itself when its lifetime is over.
    }
    this.close("left");
  }

  close(reason: string): void {
    this.#link.close(reason);
  }

  /** Answers the server's challenge, and comes back with a new nonce when its own was too old. */
  async #request(number: number, build: (writer: StunWriter) => void): Promise<StunReader> {
    for (let attempt = 1; ; attempt += 1) {
      const sealed = this.#nonce !== "";
      const answer = await this.#link.transactions.ask(this.#sealed(number, build));
      if (answer.class === messageClass.success) {
        this.#assertSealed(answer);
        return answer;
      }
      const code = errorCodeOf(answer);
      const isChallenge = (code === 401 && !sealed) || code === 438;
      if (!isChallenge || attempt === attemptsMax) {
        throw new TurnClientError("refused", `it answered with error ${code}`, code);
      }
      this.#realm = answer.text(attribute.realm) ?? this.#realm;
      this.#nonce = answer.text(attribute.nonce) ?? "";
    }
  }

  #sealed(number: number, build: (writer: StunWriter) => void): Buffer {
    const buffer = Buffer.alloc(requestBytesMax);
    const writer = new StunWriter().begin(buffer, number, messageClass.request, randomBytes(12), 0);
    build(writer);
    if (this.#nonce !== "") {
      writer
        .text(attribute.username, this.#account.username)
        .text(attribute.realm, this.#realm)
        .text(attribute.nonce, this.#nonce)
        .integrity(this.#key());
    }
    return buffer.subarray(0, writer.fingerprint().length);
  }

  /** RFC 8489 section 9.2.5: who does not know the password may not answer in the server's name. */
  #assertSealed(answer: StunReader): void {
    const at = answer.at(attribute.messageIntegrity);
    if (at >= 0 && integrityHolds(answer.buffer, answer.start, at, this.#key())) return;
    throw new TurnClientError("bad-answer", "its answer is not sealed with the password");
  }

  #key(): Buffer {
    const { username, password } = this.#account;
    return longTermKey(username, this.#realm, password);
  }
}

function errorCodeOf(answer: StunReader): number {
  const value = answer.value(attribute.errorCode);
  if (value === undefined || value.length < 4) return 0;
  return value.readUInt8(2) * 100 + value.readUInt8(3);
}

function addressIn(answer: StunReader, type: number): Endpoint {
  const endpoint = emptyEndpoint();
  if (readXorAddress(answer.buffer, answer.start, answer.at(type), endpoint)) return endpoint;
  throw new TurnClientError("bad-answer", "its answer names no address");
}

function channelData(bytes: Buffer): FromPeer | undefined {
  if (bytes.length < channelHeaderBytes || bytes.readUInt8(0) >>> 6 !== 1) return undefined;
  const end = channelHeaderBytes + bytes.readUInt16BE(2);
  if (end > bytes.length) return undefined;
  return { channel: bytes.readUInt16BE(0), data: bytes.subarray(channelHeaderBytes, end) };
}

function dataIndication(bytes: Buffer): FromPeer | undefined {
  const message = new StunReader();
  if (!message.parse(bytes, 0, bytes.length)) return undefined;
  if (message.method !== method.data || message.class !== messageClass.indication) return undefined;
  const data = message.value(attribute.data);
  return data === undefined ? undefined : { channel: undefined, data };
}
