import { attribute, method } from "../../../src/turn/wire/stun.ts";
import { relayPorts } from "../turn-lab-options.ts";
import type { ConformanceRow } from "./row.ts";

/** REQUESTED-TRANSPORT's value for UDP. */
const udp = 17 << 24;

/** As narrow a range as there can be. */
function twoPorts() {
  const { min } = relayPorts();
  return { min, max: min + 1 };
}

export const allocateRows: readonly ConformanceRow[] = [
  {
    request: "Allocate",
    when: "well-formed",
    ask: (_lab, client) => client.allocate(),
    outcome: "success",
  },
  {
    request: "Allocate",
    when: "an attribute that need not be understood",
    ask: (_lab, client) =>
      client.sealed(method.allocate, (writer) =>
        writer.uint32(attribute.requestedTransport, udp).uint32(0xc057, 1),
      ),
    outcome: "success",
  },
  {
    request: "Allocate",
    when: "retransmitted",
    ask: async (_lab, client) => {
      await client.allocate({}, Buffer.alloc(12, 7));
      return client.allocate({}, Buffer.alloc(12, 7));
    },
    outcome: "success",
  },
  {
    request: "Allocate",
    when: "IPv4 asked for by name",
    ask: (_lab, client) => client.allocate({ family: 1 }),
    outcome: "success",
  },
  {
    request: "Allocate",
    when: "IPv6 besides IPv4, which there is not",
    ask: (_lab, client) => client.allocate({ additional: 2 }),
    outcome: "success",
  },
  {
    request: "Allocate",
    when: "an even port",
    ask: (_lab, client) => client.allocate({ evenPort: 0 }),
    outcome: { builtin: "success", "node-turn": "508", coturn: "success" },
    note: "node-turn has none",
  },
  {
    request: "Allocate",
    when: "an even port, the next one reserved and claimed",
    ask: async (lab, client) => {
      const first = await client.allocate({ evenPort: 0x80 });
      const token = first.message.value(attribute.reservationToken);
      if (token === undefined) return first;
      return (await lab.client("reserver")).allocate({ token: Buffer.from(token) });
    },
    outcome: { builtin: "508", "node-turn": "508", coturn: "success" },
    note: "builtin keeps a reservation for the id that made it",
  },
  {
    request: "Allocate",
    when: "nothing is proven",
    ask: (_lab, client) => client.challenge(),
    outcome: "401",
  },
  {
    request: "Allocate",
    when: "the password is wrong",
    ask: (lab, client) =>
      client.sealed(method.allocate, (writer) => writer.uint32(attribute.requestedTransport, udp), {
        credential: { ...lab.credential(), password: "wrong" },
      }),
    outcome: "401",
  },
  {
    request: "Allocate",
    when: "the user is a property of every object",
    ask: (_lab, client) =>
      client.sealed(method.allocate, (writer) => writer.uint32(attribute.requestedTransport, udp), {
        credential: {
          username: "constructor",
          password: "function Object() { [native code] }",
        },
      }),
    outcome: "401",
  },
  {
    request: "Allocate",
    when: "the credential is of a foreign secret",
    ask: (lab, client) =>
      client.sealed(method.allocate, (writer) => writer.uint32(attribute.requestedTransport, udp), {
        credential: lab.credential("alice", 60_000, "some other deployment's secret, long enough"),
      }),
    outcome: "401",
  },
  {
    request: "Allocate",
    when: "the credential has expired",
    ask: (lab, client) =>
      client.sealed(method.allocate, (writer) => writer.uint32(attribute.requestedTransport, udp), {
        credential: lab.credential("alice", -10_000),
      }),
    outcome: "401",
  },
  {
    request: "Allocate",
    when: "the realm is another one",
    ask: async (_lab, client) => {
      await client.challenge();
      client.realm = "elsewhere";
      return client.allocate();
    },
    outcome: { builtin: "401", "node-turn": "401", coturn: "437" },
    note: "coturn takes it for another allocation",
  },
  {
    request: "Allocate",
    when: "the nonce was given to another address",
    ask: async (lab, client) => {
      const other = await lab.client("other");
      await other.challenge();
      client.nonce = other.nonce;
      client.realm = other.realm;
      return client.allocate();
    },
    outcome: "438",
  },
  {
    request: "Allocate",
    when: "an unknown attribute that must be understood",
    ask: (_lab, client) =>
      client.sealed(method.allocate, (writer) =>
        writer.uint32(attribute.requestedTransport, udp).uint32(0x7abc, 1),
      ),
    outcome: "420",
  },
  {
    request: "Allocate",
    when: "DONT-FRAGMENT",
    ask: (_lab, client) =>
      client.sealed(method.allocate, (writer) =>
        writer
          .uint32(attribute.requestedTransport, udp)
          .bytes(attribute.dontFragment, Buffer.alloc(0)),
      ),
    outcome: { builtin: "420", "node-turn": "420", coturn: "success" },
    note: "Node can't set the bit",
  },
  {
    request: "Allocate",
    when: "no transport is named",
    ask: (_lab, client) => client.allocate({ withoutTransport: true }),
    outcome: "400",
  },
  {
    request: "Allocate",
    when: "a TCP relay",
    ask: (_lab, client) => client.allocate({ protocol: 6 }),
    outcome: "442",
  },
  {
    request: "Allocate",
    when: "IPv6 where the node has none",
    ask: (_lab, client) => client.allocate({ family: 2 }),
    outcome: "440",
  },
  {
    request: "Allocate",
    when: "a family that does not exist",
    ask: (_lab, client) => client.allocate({ family: 3 }),
    outcome: "440",
  },
  {
    request: "Allocate",
    when: "a token and EVEN-PORT",
    ask: (_lab, client) => client.allocate({ token: Buffer.alloc(8), evenPort: 0 }),
    outcome: "400",
  },
  {
    request: "Allocate",
    when: "a token that nobody was given",
    ask: (_lab, client) => client.allocate({ token: Buffer.alloc(8, 1) }),
    outcome: { builtin: "508", "node-turn": "508", coturn: "404" },
    note: "a code of coturn's own",
  },
  {
    request: "Allocate",
    when: "two families, the first by name",
    ask: (_lab, client) => client.allocate({ family: 1, additional: 2 }),
    outcome: { builtin: "400", "node-turn": "400", coturn: "success" },
    note: "coturn takes the first",
  },
  {
    request: "Allocate",
    when: "the client has an allocation",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.allocate();
    },
    outcome: "437",
  },
  {
    request: "Allocate",
    when: "the credential's id has all of its allocations",
    options: { limits: { allocationsPerCredential: 1 } },
    ask: async (lab, client) => {
      await client.allocate();
      return (await lab.client(client.id)).allocate();
    },
    outcome: "486",
  },
  {
    request: "Allocate",
    when: "the node has all of its allocations",
    options: { limits: { allocations: 1 } },
    ask: async (lab, client) => {
      await client.allocate();
      return (await lab.client("bob")).allocate();
    },
    outcome: { builtin: "508", "node-turn": "508", coturn: "486" },
    note: "coturn has one code for both quotas",
  },
  {
    request: "Allocate",
    when: "the node drains",
    options: { limits: { allocations: 3 } },
    ask: async (lab, client) => {
      await lab.engine.drain({ deadlineMs: 1 });
      return client.allocate();
    },
    outcome: { builtin: "508", "node-turn": "508", coturn: "401" },
    note: "coturn drains by forgetting its secrets",
  },
  {
    request: "Allocate",
    when: "all relay ports are in use",
    options: { relay: { addresses: [{ address: "127.0.0.1" }], ports: twoPorts() } },
    ask: async (lab, client) => {
      for (const id of ["bob", "carol"]) await (await lab.client(id)).allocate();
      return client.allocate();
    },
    outcome: "508",
  },
];
