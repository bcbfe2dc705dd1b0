import type { TurnEngineName } from "../../src/turn/turn-options.ts";
import { turnEngineNames } from "../../src/turn/turn-options.ts";
import { attribute, messageClass, method } from "../../src/turn/wire/stun.ts";
import { StunWriter } from "../../src/turn/wire/stun-writer.ts";
import type { Answer, TurnClient } from "./turn-client.ts";
import { endpoint } from "./turn-client.ts";
import type { EngineLab } from "./turn-engines.ts";
import type { OptionChanges } from "./turn-lab-options.ts";

/** `success`, an error code, `relayed`, or `dropped` when there is no answer. */
export type Outcome = string;

export interface ConformanceRow {
  readonly request: string;
  readonly when: string;
  /** Rows without options share one engine, each with a credential id of its own. */
  readonly options?: OptionChanges;
  readonly ask: (lab: EngineLab, client: TurnClient) => Promise<Answer | Outcome>;
  /** One for all, or what each engine does where they differ by nature. */
  readonly outcome: Outcome | Readonly<Record<TurnEngineName, Outcome>>;
  readonly note?: string;
}

const loopback = endpoint("127.0.0.1", 9);
const foreign = endpoint("8.8.8.8", 9);
/** REQUESTED-TRANSPORT's value for UDP. */
const udp = 17 << 24;

export const conformanceRows: readonly ConformanceRow[] = [
  {
    request: "Binding",
    when: "without a credential",
    ask: (_lab, client) => client.request(method.binding, () => {}, { plain: true }),
    outcome: "success",
  },
  {
    request: "Binding",
    when: "an unknown attribute that must be understood",
    ask: (_lab, client) =>
      client.request(method.binding, (writer) => writer.uint32(0x7abc, 1), { plain: true }),
    outcome: "420",
  },
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
    request: "Refresh",
    when: "well-formed",
    ask: async (_lab, client) => {
      await client.allocate();
      await client.refresh(600);
      return client.refresh(600);
    },
    outcome: "success",
  },
  {
    request: "Refresh",
    when: "while the node drains",
    options: { limits: { allocations: 4 } },
    ask: async (lab, client) => {
      await client.allocate();
      await lab.engine.drain({ deadlineMs: 1 });
      return client.refresh(600);
    },
    outcome: "success",
  },
  {
    request: "Refresh",
    when: "the nonce is too old",
    options: { limits: { nonceLifetimeMs: 1_000 } },
    ask: async (_lab, client) => {
      await client.allocate();
      for (;;) {
        const answer = await client.refresh(600);
        if (!answer.ok) return answer;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    outcome: "438",
  },
  {
    request: "Refresh",
    when: "there is no allocation",
    ask: (_lab, client) => client.refresh(600),
    outcome: "437",
  },
  {
    request: "Refresh",
    when: "by another credential",
    ask: async (lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, () => {}, { credential: lab.credential("mallory") });
    },
    outcome: "441",
  },
  {
    request: "Refresh",
    when: "another family than the allocation's",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, (writer) =>
        writer.uint32(attribute.requestedAddressFamily, 2 << 24),
      );
    },
    outcome: "443",
  },
  {
    request: "CreatePermission",
    when: "for two peers that are allowed",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(loopback, endpoint("127.0.0.2", 9));
    },
    outcome: "success",
  },
  {
    request: "CreatePermission",
    when: "there is no allocation",
    ask: (_lab, client) => client.permit(loopback),
    outcome: { builtin: "437", "node-turn": "437", coturn: "400" },
    note: "coturn finds the request wrong first",
  },
  {
    request: "CreatePermission",
    when: "no peer is named",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit();
    },
    outcome: "400",
  },
  {
    request: "CreatePermission",
    when: "no rule names the peer",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(foreign);
    },
    outcome: "403",
  },
  {
    request: "CreatePermission",
    when: "one of two peers is denied",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(loopback, foreign);
    },
    outcome: "403",
  },
  {
    request: "CreatePermission",
    when: "the peer is the metadata service of a cloud",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("169.254.169.254", 80));
    },
    outcome: "403",
  },
  {
    request: "CreatePermission",
    when: "a denied rule names part of an allowed range",
    options: {
      peers: {
        allowed: [{ range: "127.0.0.0/8" }],
        denied: [{ range: "127.0.0.8/30" }],
        others: "refuse",
      },
    },
    ask: async (_lab, client) => {
      await client.allocate();
      await client.permit(endpoint("127.0.0.7", 9));
      return client.permit(endpoint("127.0.0.9", 9));
    },
    outcome: "403",
  },
  {
    request: "CreatePermission",
    when: "the peer's family is not the allocation's",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("2001:db8::1", 9));
    },
    outcome: "443",
  },
  {
    request: "CreatePermission",
    when: "an allocation has all of its permissions",
    options: { limits: { permissionsPerAllocation: 1 } },
    ask: async (_lab, client) => {
      await client.allocate();
      await client.permit(loopback);
      return client.permit(endpoint("127.0.0.2", 9));
    },
    outcome: { builtin: "508", "node-turn": "508", coturn: "success" },
    note: "coturn has no such limit",
  },
  {
    request: "ChannelBind",
    when: "well-formed, and again",
    ask: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4000, loopback);
    },
    outcome: "success",
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
    ask: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x3fff, loopback);
    },
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "the number is bound to another peer",
    ask: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4000, endpoint("127.0.0.1", 10));
    },
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "the peer has another number",
    ask: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4001, loopback);
    },
    outcome: "400",
  },
  {
    request: "ChannelBind",
    when: "no rule names the peer",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x4000, endpoint("10.0.0.1", 9));
    },
    outcome: "403",
  },
  {
    request: "ChannelBind",
    when: "the peer's family is not the allocation's",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x4000, endpoint("2001:db8::1", 9));
    },
    outcome: "443",
  },
  {
    request: "CreatePermission",
    when: "an IPv4 address inside an IPv6 one",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("::ffff:127.0.0.1", 9));
    },
    outcome: { builtin: "403", "node-turn": "443", coturn: "443" },
    note: "refused in any case",
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
    ask: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x4000, loopback);
    },
    outcome: { builtin: "403", "node-turn": "403", coturn: "success" },
    note: "coturn's lists know no ports",
  },
  {
    request: "ChannelBind",
    when: "an allocation has all of its channels",
    options: { limits: { channelsPerAllocation: 1 } },
    ask: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4001, endpoint("127.0.0.1", 10));
    },
    outcome: { builtin: "508", "node-turn": "508", coturn: "success" },
    note: "coturn has no such limit",
  },
  {
    request: "Send",
    when: "to a peer with a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      await client.permit(peer.endpoint);
      client.sendTo(peer.endpoint, "by Send");
      return (await peer.received()) === "by Send" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "Send",
    when: "to a peer without a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      client.sendTo(peer.endpoint, "too early");
      await client.permit(peer.endpoint);
      client.sendTo(peer.endpoint, "in time");
      return (await peer.received()) === "in time" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
  {
    request: "Data",
    when: "of a peer with a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      peer.send("back", relayed.port);
      const { from, data } = await client.received();
      return from?.endsWith(`:${peer.endpoint.port}`) && data === "back" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "Data",
    when: "of a peer without a permission",
    ask: async (lab, client) => {
      const [peer, stranger] = [await lab.peer(), await lab.peer("127.0.0.2")];
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      stranger.send("unasked", relayed.port);
      peer.send("asked", relayed.port);
      return (await client.received()).data === "asked" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
  {
    request: "Data",
    when: "datagrams of 0 and 1 bytes",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      const got: string[] = [];
      for (const data of ["", "x", "and on"]) {
        peer.send(data, relayed.port);
        got.push((await client.received()).data);
      }
      return got.join("|") === "|x|and on" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "both ways",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      client.sendChannel(0x4001, "by channel");
      const there = await peer.received();
      peer.send("back", relayed.port);
      const { channel, data } = await client.received();
      const whole = there === "by channel" && channel === 0x4001 && data === "back";
      return whole ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "of a peer, that looks like ChannelData itself",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      peer.send(Buffer.from("400200027878", "hex"), relayed.port);
      const { data } = await client.received();
      return data === Buffer.from("400200027878", "hex").toString() ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "on a number that is not bound",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      client.sendChannel(0x4002, "nowhere");
      client.sendChannel(0x4001, "somewhere");
      return (await peer.received()) === "somewhere" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
  {
    request: "Others",
    when: "a method that does not exist",
    ask: async (_lab, client) => {
      const unanswered = client.request(0x0ff, () => {}, { plain: true, patienceMs: 300 });
      return unanswered.catch(() => "dropped");
    },
    outcome: { builtin: "dropped", "node-turn": "dropped", coturn: "401" },
    note: "coturn challenges before it looks",
  },
  {
    request: "Others",
    when: "garbage, and a Binding after it",
    ask: async (_lab, client) => {
      for (const bytes of ["", "00", "40", "400000", "ffffffff", "0001000021"]) {
        client.raw(Buffer.from(bytes, "hex"));
      }
      const buffer = Buffer.alloc(64);
      const { length } = new StunWriter().begin(
        buffer,
        method.allocate,
        messageClass.success,
        Buffer.alloc(12),
        0,
      );
      client.raw(buffer.subarray(0, length));
      return client.request(method.binding, () => {}, { plain: true });
    },
    outcome: "success",
  },
];

export function outcomeFor(row: ConformanceRow, engine: TurnEngineName): Outcome {
  return typeof row.outcome === "string" ? row.outcome : row.outcome[engine];
}

/** The rows as docs/turn.md shows them. */
export function conformanceTable(): string {
  const head = ["request", "when", ...turnEngineNames, "note"];
  const body = conformanceRows.map((row) => [
    row.request,
    row.when,
    ...turnEngineNames.map((engine) => outcomeFor(row, engine)),
    row.note ?? "",
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const rule = line(
    head.map(() => ""),
    "-",
  );
  return [line(head), rule, ...body.map((cells) => line(cells))].join("\n");
}
