import type { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import { attribute, method } from "../../../src/turn/wire/stun.ts";
import { endpoint } from "../turn-client.ts";
import type { ConformanceRow } from "./row.ts";

const loopback = endpoint("127.0.0.1", 9);
const foreign = endpoint("8.8.8.8", 9);
const toLoopback = (writer: StunWriter) => writer.address(attribute.xorPeerAddress, loopback);

export const permissionRows: readonly ConformanceRow[] = [
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
    when: "nothing is proven",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.request(method.createPermission, toLoopback, { plain: true });
    },
    outcome: "401",
  },
  {
    request: "CreatePermission",
    when: "the nonce is not the server's",
    ask: async (_lab, client) => {
      await client.allocate();
      client.nonce = "made up by somebody else";
      return client.request(method.createPermission, toLoopback);
    },
    outcome: "438",
  },
  {
    request: "CreatePermission",
    when: "by another credential",
    ask: async (lab, client) => {
      await client.allocate();
      const credential = lab.credential("mallory");
      return client.sealed(method.createPermission, toLoopback, { credential });
    },
    outcome: "441",
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
    request: "CreatePermission",
    when: "an IPv4 address inside an IPv6 one",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("::ffff:127.0.0.1", 9));
    },
    outcome: { builtin: "403", "node-turn": "443", coturn: "443" },
    note: "refused in any case",
  },
];
