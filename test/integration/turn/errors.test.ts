import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, messageClass, method } from "../../../src/turn/wire/stun.ts";
import { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import type { RequestRefusal } from "../../../src/turn/turn-stats.ts";
import { freePort } from "../../support/free-port.ts";
import type { Answer, TurnClient } from "../../support/turn-client.ts";
import { endpoint } from "../../support/turn-client.ts";
import type { OptionChanges } from "../../support/turn-lab-options.ts";
import { TurnLab, until } from "../../support/turn-lab.ts";
import { oldSecret } from "../../support/turn-lab-options.ts";

interface Case {
  readonly code: number;
  readonly reason: RequestRefusal;
  readonly when: string;
  readonly options?: OptionChanges | (() => Promise<OptionChanges>);
  readonly request: (lab: TurnLab, client: TurnClient) => Promise<Answer>;
}

const loopback = endpoint("127.0.0.1", 9);

const cases: Case[] = [
  {
    code: 401,
    reason: "challenge",
    when: "a request proves nothing",
    request: (_lab, client) => client.challenge(),
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a sealed request names no user",
    request: (_lab, client) =>
      client.request(method.allocate, (writer) => writer.integrity(Buffer.from("key")), {
        plain: true,
      }),
  },
  {
    code: 401,
    reason: "bad-credential",
    when: "the password is wrong",
    request: (lab, client) =>
      client.sealed(method.allocate, () => {}, {
        credential: { ...lab.credential(), password: "wrong" },
      }),
  },
  {
    code: 401,
    reason: "bad-credential",
    when: "the user is a property of every object",
    request: (_lab, client) =>
      client.sealed(method.allocate, () => {}, {
        credential: {
          username: "constructor",
          password: "function Object() { [native code] }",
        },
      }),
  },
  {
    code: 401,
    reason: "bad-credential",
    when: "the credential is of a foreign secret",
    request: (lab, client) =>
      client.sealed(method.allocate, () => {}, {
        credential: lab.credential("alice", 60_000, "some other deployment's secret, long enough"),
      }),
  },
  {
    code: 401,
    reason: "bad-credential",
    when: "the realm is another one",
    request: async (_lab, client) => {
      await client.challenge();
      client.realm = "elsewhere";
      return client.allocate();
    },
  },
  {
    code: 401,
    reason: "expired-credential",
    when: "the credential has expired",
    request: (lab, client) =>
      client.sealed(method.allocate, () => {}, { credential: lab.credential("alice", -1_000) }),
  },
  {
    code: 438,
    reason: "stale-nonce",
    when: "the nonce is too old",
    request: async (lab, client) => {
      await client.challenge();
      lab.clock.advance(lab.options.limits.nonceLifetimeMs + 1_000);
      return client.allocate();
    },
  },
  {
    code: 438,
    reason: "stale-nonce",
    when: "the nonce was given to another address",
    request: async (lab, client) => {
      const other = await lab.client("alice");
      await other.challenge();
      client.nonce = other.nonce;
      client.realm = other.realm;
      return client.allocate();
    },
  },
  {
    code: 420,
    reason: "unknown-attribute",
    when: "an attribute must be understood and is not",
    request: (_lab, client) => client.sealed(method.allocate, (writer) => writer.uint32(0x7abc, 1)),
  },
  {
    code: 420,
    reason: "unknown-attribute",
    when: "DONT-FRAGMENT is asked for",
    request: (_lab, client) =>
      client.sealed(method.allocate, (writer) => {
        writer.uint32(attribute.requestedTransport, 17 << 24);
        writer.bytes(attribute.dontFragment, Buffer.alloc(0));
      }),
  },
  {
    code: 400,
    reason: "bad-request",
    when: "Allocate names no transport",
    request: (_lab, client) => client.allocate({ withoutTransport: true }),
  },
  {
    code: 442,
    reason: "transport-unsupported",
    when: "Allocate asks for a TCP relay",
    request: (_lab, client) => client.allocate({ protocol: 6 }),
  },
  {
    code: 440,
    reason: "family-unsupported",
    when: "Allocate asks for a family that no relay address has",
    request: (_lab, client) => client.allocate({ family: 2 }),
  },
  {
    code: 440,
    reason: "family-unsupported",
    when: "Allocate asks for a family that does not exist",
    request: (_lab, client) => client.allocate({ family: 3 }),
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a reservation token comes with EVEN-PORT",
    request: (_lab, client) => client.allocate({ token: Buffer.alloc(8), evenPort: 0 }),
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a second family comes with a first",
    request: (_lab, client) => client.allocate({ family: 1, additional: 2 }),
  },
  {
    code: 508,
    reason: "reservation-unknown",
    when: "nobody reserved under the token",
    request: (_lab, client) => client.allocate({ token: Buffer.alloc(8) }),
  },
  {
    code: 437,
    reason: "allocation-exists",
    when: "there is an allocation already",
    request: async (_lab, client) => {
      await client.allocate();
      return client.allocate();
    },
  },
  {
    code: 437,
    reason: "no-allocation",
    when: "Refresh finds no allocation",
    request: (_lab, client) => client.refresh(600),
  },
  {
    code: 437,
    reason: "no-allocation",
    when: "CreatePermission finds no allocation",
    request: (_lab, client) => client.permit(loopback),
  },
  {
    code: 437,
    reason: "no-allocation",
    when: "ChannelBind finds no allocation",
    request: (_lab, client) => client.bind(0x4000, loopback),
  },
  {
    code: 441,
    reason: "wrong-credential",
    when: "the allocation belongs to another credential",
    request: async (lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, () => {}, { credential: lab.credential("mallory") });
    },
  },
  {
    code: 443,
    reason: "peer-family",
    when: "a permission is for the other family",
    request: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("::1", 9));
    },
  },
  {
    code: 443,
    reason: "peer-family",
    when: "a channel is for the other family",
    request: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x4000, endpoint("2001:db8::1", 9));
    },
  },
  {
    code: 443,
    reason: "peer-family",
    when: "Refresh names another family than the allocation's",
    request: async (_lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, (writer) =>
        writer.uint32(attribute.requestedAddressFamily, 2 << 24),
      );
    },
  },
  {
    code: 403,
    reason: "peer-denied",
    when: "a permission is for a peer that no rule names",
    request: async (_lab, client) => {
      await client.allocate();
      return client.permit(endpoint("8.8.8.8", 9));
    },
  },
  {
    code: 403,
    reason: "peer-denied",
    when: "one of several peers is denied",
    request: async (_lab, client) => {
      await client.allocate();
      return client.permit(loopback, endpoint("8.8.8.8", 9));
    },
  },
  {
    code: 403,
    reason: "peer-denied",
    when: "a channel is for a peer that no rule names",
    request: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x4000, endpoint("10.0.0.1", 9));
    },
  },
  {
    code: 400,
    reason: "bad-request",
    when: "CreatePermission names no peer",
    request: async (_lab, client) => {
      await client.allocate();
      return client.permit();
    },
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a channel number is out of range",
    request: async (_lab, client) => {
      await client.allocate();
      return client.bind(0x3fff, loopback);
    },
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a channel number is bound to another peer",
    request: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4000, endpoint("127.0.0.1", 10));
    },
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a peer has another channel number",
    request: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      return client.bind(0x4001, loopback);
    },
  },
  {
    code: 400,
    reason: "bad-request",
    when: "a lifetime is malformed",
    request: (_lab, client) =>
      client.sealed(method.allocate, (writer) => {
        writer.uint32(attribute.requestedTransport, 17 << 24);
        writer.bytes(attribute.lifetime, Buffer.alloc(3));
      }),
  },
  {
    code: 486,
    reason: "credential-quota",
    when: "the credential's id has all its allocations, by an older credential of it too",
    options: { limits: { allocationsPerCredential: 1 } },
    request: async (lab, client) => {
      await client.allocate();
      const second = await lab.client("alice");
      return second.sealed(
        method.allocate,
        (writer) => writer.uint32(attribute.requestedTransport, 17 << 24),
        { credential: lab.credential("alice", 7_200_000, oldSecret) },
      );
    },
  },
  {
    code: 486,
    reason: "credential-quota",
    when: "a reservation would exceed the quota",
    options: { limits: { allocationsPerCredential: 1 } },
    request: (_lab, client) => client.allocate({ evenPort: 0x80 }),
  },
  {
    code: 508,
    reason: "capacity",
    when: "the node has all its allocations",
    options: { limits: { allocations: 1 } },
    request: async (lab, client) => {
      await client.allocate();
      return (await lab.client("bob")).allocate();
    },
  },
  {
    code: 508,
    reason: "capacity",
    when: "the relay ports have run out",
    options: async () => {
      const port = await freePort();
      return {
        relay: { addresses: [{ address: "127.0.0.1" }], ports: { min: port, max: port } },
      };
    },
    request: async (lab, client) => {
      assert.equal((await client.allocate()).code, 0);
      return (await lab.client("bob")).allocate();
    },
  },
  {
    code: 508,
    reason: "permission-limit",
    when: "an allocation has all its permissions",
    options: { limits: { permissionsPerAllocation: 2 } },
    request: async (_lab, client) => {
      await client.allocate();
      const peers = ["127.0.0.1", "127.0.0.2"].map((address) => endpoint(address, 1));
      assert.equal((await client.permit(...peers)).code, 0);
      assert.equal((await client.permit(...peers)).code, 0, "known ones are refreshed");
      return client.permit(endpoint("127.0.0.3", 1));
    },
  },
  {
    code: 508,
    reason: "channel-limit",
    when: "an allocation has all its channels",
    options: { limits: { channelsPerAllocation: 1 } },
    request: async (_lab, client) => {
      await client.allocate();
      await client.bind(0x4000, loopback);
      assert.equal((await client.bind(0x4000, loopback)).code, 0, "the same is refreshed");
      return client.bind(0x4001, endpoint("127.0.0.1", 10));
    },
  },
  {
    code: 508,
    reason: "draining",
    when: "the node drains",
    request: async (lab, client) => {
      lab.server.drain();
      return client.allocate();
    },
  },
];

for (const { code, reason, when, options, request } of cases) {
  test(`${code} when ${when}`, async (t) => {
    const lab = await TurnLab.open(t, typeof options === "function" ? await options() : options);
    const client = await lab.client();
    const answer = await request(lab, client);
    assert.equal(answer.code, code);
    assert.equal(lab.counters.snapshot().refusals[reason], 1);
    // RFC 8489 section 9.2.4: the challenge comes with these two, nothing else does.
    const challenges = code === 401 || code === 438;
    assert.equal(answer.message.has(attribute.realm), challenges);
    assert.equal(answer.message.has(attribute.nonce), challenges);
    // What answers a proven request is sealed itself.
    const proven = !challenges && when !== "a sealed request names no user";
    assert.equal(answer.message.has(attribute.messageIntegrity), proven);
  });
}

test("420 names what was not understood", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const answer = await client.sealed(method.allocate, (writer) => {
    writer.uint32(0x7abc, 1).uint32(0xfabc, 1).uint32(0x0033, 1);
  });
  assert.equal(answer.message.value(attribute.unknownAttributes)?.toString("hex"), "7abc0033");
});

test("a repeated Allocate is answered as the first one", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const transactionId = Buffer.alloc(12, 7);
  const first = await client.allocate({}, transactionId);
  const again = await client.allocate({}, transactionId);
  assert.equal(again.code, 0);
  assert.deepEqual(again.relayed, first.relayed);
  assert.equal(lab.counters.snapshot().totals.allocationsCreated, 1);
});

test("an additional family that is not given is named in the answer", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const answer = await client.allocate({ additional: 2 });
  assert.equal(answer.code, 0);
  // ADDRESS-ERROR-CODE of 32 bytes: family IPv6, code 440.
  assert.ok(answer.message.buffer.includes("8001002002000428", 0, "hex"));
});

test("a nonce that has gone stale in a call is replaced without loss", async (t) => {
  const lab = await TurnLab.open(t, { limits: { lifetimeDefaultMs: 3_600_000 } });
  const client = await lab.client();
  await client.allocate();
  lab.clock.advance(lab.options.limits.nonceLifetimeMs + 1_000);
  const stale = await client.refresh(600);
  assert.equal(stale.code, 438);
  client.nonce = stale.message.text(attribute.nonce) ?? "";
  assert.equal((await client.refresh(600)).code, 0);
});

test("a credential that expires in a call stays good for its allocation, and for no other", async (t) => {
  const lab = await TurnLab.open(t, {
    limits: { nonceLifetimeMs: 86_400_000, lifetimeDefaultMs: 3_000_000 },
  });
  const client = await lab.client();
  const credential = lab.credential("alice", 60_000);
  const allocated = await client.sealed(
    method.allocate,
    (writer) => writer.uint32(attribute.requestedTransport, 17 << 24),
    { credential },
  );
  assert.equal(allocated.code, 0);
  lab.clock.advance(120_000);
  const refreshed = await client.sealed(method.refresh, () => {}, { credential });
  assert.equal(refreshed.code, 0);
  const other = await lab.client();
  assert.equal((await other.sealed(method.allocate, () => {}, { credential })).code, 401);
});

test("what is no request is not answered, and counted", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const buffer = Buffer.alloc(100);
  const id = Buffer.alloc(12, 1);
  const writer = new StunWriter();
  const say = (methodNumber: number, each: (typeof messageClass)[keyof typeof messageClass]) => {
    const { length } = writer.begin(buffer, methodNumber, each, id, 0);
    client.raw(Buffer.from(buffer.subarray(0, length)));
  };
  say(method.allocate, messageClass.success);
  say(method.binding, messageClass.indication);
  say(0x0ff, messageClass.request);
  say(method.send, messageClass.indication);
  client.sendChannel(0x4000, "nobody");
  for (const bytes of ["", "00", "40", "400000", "ffffffff", "16030100", "0001000021"]) {
    client.raw(Buffer.from(bytes, "hex"));
  }
  await until(() => {
    const { drops } = lab.counters.snapshot();
    return drops.unsolicited === 3 && drops["no-allocation"] === 2 && drops.malformed === 7;
  }, "all are counted");
  assert.equal((await client.challenge()).code, 401, "and the node answers on");
  assert.equal(client.unread, 0);
});

test("those who prove nothing are answered up to a limit", async (t) => {
  const lab = await TurnLab.open(t, { limits: { unauthenticatedPerS: 3 } });
  const client = await lab.client();
  for (let round = 0; round < 3; round += 1) await client.challenge();
  // Within the same second of a clock that stands still.
  client.raw(Buffer.from("000100002112a442000102030405060708090a0b", "hex"));
  await until(() => lab.counters.snapshot().drops.rate === 1, "it is dropped");
  lab.clock.advance(1_000);
  assert.equal((await client.allocate()).code, 0);
});

test("a client with an allocation is answered up to a limit, and its data is not held up", async (t) => {
  const lab = await TurnLab.open(t, { limits: { requestsPerS: 2 } });
  const [client, peer] = [await lab.client(), await lab.peer()];
  await client.allocate();
  assert.equal((await client.permit(peer.endpoint)).code, 0);
  assert.equal((await client.refresh(600)).code, 0);
  client.raw(Buffer.from("000100002112a442000102030405060708090a0b", "hex"));
  await until(() => lab.counters.snapshot().drops.rate === 1, "it is dropped");
  client.sendTo(peer.endpoint, "data");
  assert.equal(await peer.received(), "data");
  lab.clock.advance(1_000);
  assert.equal((await client.refresh(600)).code, 0);
});
