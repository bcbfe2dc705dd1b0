import type { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import type { Endpoint } from "../../../src/turn/ip/address.ts";
import { attribute, method } from "../../../src/turn/wire/stun.ts";
import { endpoint } from "../turn-client.ts";
import type { ConformanceRow } from "./row.ts";

const loopback = endpoint("127.0.0.1", 9);
const channelToLoopback = (writer: StunWriter) =>
  writer.uint32(attribute.channelNumber, 0x40000000).address(attribute.xorPeerAddress, loopback);

/** Binds each in turn, in an allocation that is made before. The answer is the last one's. */
const binding =
  (...binds: readonly (readonly [channel: number, peer: Endpoint])[]): ConformanceRow["ask"] =>
  async (_lab, client) => {
    let answer = await client.allocate();
    for (const [channel, peer] of binds) answer = await client.bind(channel, peer);
    return answer;
  };

export const channelRows: readonly ConformanceRow[] = [
  {
    request: "ChannelBind",
    when: "well-formed, and again",
    ask: binding([0x4000, loopback], [0x4000, loopback]),
    outcome: "success",
  },
  {
    request: "ChannelBind",
    when: "nothing is proven",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.request(method.channelBind, channelToLoopback, { plain: true });
    },
    outcome: "401",
  },
  {
    request: "ChannelBind",
    when: "the nonce is not the server's",
    ask: async (_lab, client) => {
      await client.allocate();
      client.nonce = "made up by somebody else";
      return client.request(method.channelBind, channelToLoopback);
    },
    outcome: "438",
  },
  {
    request: "ChannelBind",
    when: "by another credential",
    ask: async (lab, client) => {
      await client.allocate();
      const credential = lab.credential("mallory");
      return client.sealed(method.channelBind, channelToLoopback, { credential });
    },
    outcome: "441",
  },
  {
    request: "ChannelBind",
    when: "there is no allocation",
    ask: (_lab, client) => client.bind(0x4000, loopback),
    outcome: { builtin: "437", "node-turn": "437", coturn: "400" },
    note: "coturn finds the request wrong first",
  },
  {
    request: "ChannelBind",
    when: "the number is out of range",
    ask: binding([0x3fff, loopback]),
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "the number is bound to another peer",
    ask: binding([0x4000, loopback], [0x4000, endpoint("127.0.0.1", 10)]),
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "the peer has another number",
    ask: binding([0x4000, loopback], [0x4001, loopback]),
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "no rule names the peer",
    ask: binding([0x4000, endpoint("10.0.0.1", 9)]),
    outcome: "403",
  },
  {
    request: "ChannelBind",
    when: "the peer's family is not the allocation's",
    ask: binding([0x4000, endpoint("2001:db8::1", 9)]),
    outcome: "443",
  },
  {
    request: "ChannelBind",
    when: "the node's own listener, though a rule names it",
    ask: async (lab, client) => {
      await client.allocate();
      return client.bind(0x4000, endpoint("127.0.0.1", lab.listener().port));
    },
    outcome: { builtin: "403", "node-turn": "403", coturn: "success" },
    note: "keep coturn's own address out of the rules",
  },
  {
    request: "ChannelBind",
    when: "a port that no rule names",
    options: {
      peers: {
        allowed: [{ range: "127.0.0.1", ports: { min: 10, max: 10 } }],
        denied: [],
        others: "refuse",
      },
    },
    ask: binding([0x4000, loopback]),
    outcome: { builtin: "403", "node-turn": "403", coturn: "success" },
    note: "coturn's lists know no ports",
  },
  {
    request: "ChannelBind",
    when: "an allocation has all of its channels",
    options: { limits: { channelsPerAllocation: 1 } },
    ask: binding([0x4000, loopback], [0x4001, endpoint("127.0.0.1", 10)]),
    outcome: { builtin: "508", "node-turn": "508", coturn: "success" },
    note: "coturn has no such limit",
  },
];
