import { randomBytes } from "node:crypto";
import type { Endpoint } from "../ip/address.ts";
import { emptyEndpoint } from "../ip/address.ts";
import { readXorAddress } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { attribute, messageClass, method } from "../wire/stun.ts";
import { TurnClientError } from "./client-error.ts";
import type { WireTarget } from "./client-wire.ts";
import { openStunLink } from "./stun-link.ts";
import { StunTransactions } from "./stun-transactions.ts";
import type { TurnClient } from "./turn-client.ts";

/** By which an ICE agent knows who is asking (RFC 8445 section 7.2.2): those that signaling gave. */
export interface IceLogin {
  readonly usernameFragment: string;
  readonly password: string;
}

/** What came back of some questions. */
export interface Echo {
  readonly sent: number;
  readonly answered: number;
  /** The quickest. Undefined when none was answered. */
  readonly roundTripMs: number | undefined;
  /** Where the answering side saw the question come from. */
  readonly seenFrom: Endpoint | undefined;
}

export interface EchoOptions {
  readonly count: number;
  readonly timeoutMs: number;
}

/** Of RFC 8445 section 16.1: they are no part of TURN, whose server must not know them. */
const priorityAttribute = 0x0024;
const controllingAttribute = 0x802a;
/** A peer-reflexive candidate's, as a check carries it (RFC 8445 section 7.1.1). */
const priority = 0x6e0001ff;

/**
 * Asks an ICE agent `count` times, one question after another, over a connection of its own.
 * Rejects with `TurnClientError` when there is none; questions without an answer are counted.
 */
export async function echoDirectly(
  target: WireTarget,
  login: IceLogin,
  options: EchoOptions,
): Promise<Echo> {
  const framed = { ...target, framing: "length" } as const;
  const { transactions, close } = await openStunLink(framed, options.timeoutMs);
  try {
    return await echo(transactions, login, options);
  } finally {
    close("asked enough");
  }
}

/**
 * The same through a relay, half of it in Send and Data indications and half through a channel: the
 * question passes the relay as data, and so does the answer. Rejects with `TurnClientError` when
 * the relay refuses the peer.
 */
export async function echoThroughRelay(
  client: TurnClient,
  peer: Endpoint,
  login: IceLogin,
  options: EchoOptions,
): Promise<{ readonly bySend: Echo; readonly byChannel: Echo }> {
  const channel = 0x4000;
  const ask = async (send: (bytes: Buffer) => void) => {
    const transactions = new StunTransactions({ send, lossy: true, timeoutMs: options.timeoutMs });
    client.onData(({ data }) => {
      transactions.take(data);
    });
    try {
      return await echo(transactions, login, options);
    } finally {
      transactions.close("asked enough");
    }
  };
  await client.permit(peer);
  const bySend = await ask((bytes) => {
    client.sendTo(peer, bytes);
  });
  await client.bind(channel, peer);
  const byChannel = await ask((bytes) => {
    client.sendChannel(channel, bytes);
  });
  return { bySend, byChannel };
}

async function echo(
  transactions: StunTransactions,
  login: IceLogin,
  { count }: EchoOptions,
): Promise<Echo> {
  const roundTripsMs: number[] = [];
  let seenFrom: Endpoint | undefined;
  let sent = 0;
  while (sent < count) {
    sent += 1;
    const startedMs = performance.now();
    try {
      const answer = await transactions.ask(iceCheck(login));
      roundTripsMs.push(performance.now() - startedMs);
      const endpoint = emptyEndpoint();
      const at = answer.at(attribute.xorMappedAddress);
      if (readXorAddress(answer.buffer, answer.start, at, endpoint)) seenFrom = endpoint;
    } catch (error) {
      // Who did not answer the first question in all that time will not answer the others.
      if (!(error instanceof TurnClientError) || error.code !== "timed-out") throw error;
      if (roundTripsMs.length === 0) break;
    }
  }
  const answered = roundTripsMs.length;
  return {
    sent,
    answered,
    roundTripMs: answered === 0 ? undefined : Math.min(...roundTripsMs),
    seenFrom,
  };
}

/** A connectivity check (RFC 8445 section 7.2.2): the smallest question that an SFU's port answers. */
function iceCheck({ usernameFragment, password }: IceLogin): Buffer {
  const buffer = Buffer.alloc(1_024);
  const ownFragment = randomBytes(4).toString("hex");
  const writer = new StunWriter()
    .begin(buffer, method.binding, messageClass.request, randomBytes(12), 0)
    .text(attribute.username, `${usernameFragment}:${ownFragment}`)
    .uint32(priorityAttribute, priority)
    .bytes(controllingAttribute, randomBytes(8))
    .integrity(Buffer.from(password));
  return buffer.subarray(0, writer.fingerprint().length);
}
