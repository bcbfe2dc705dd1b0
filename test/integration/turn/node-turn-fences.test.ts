import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { createTurnEngine } from "../../../src/turn/create-turn-engine.ts";
import { attribute, method } from "../../../src/turn/wire/stun.ts";
import { freePort } from "../../support/free-port.ts";
import { endpoint, TurnClient } from "../../support/turn-client.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import type { Credential } from "../../support/turn-request.ts";
import { turnOptions } from "../../support/turn-lab-options.ts";
import { TestPeer } from "../../support/test-peer.ts";

/** What a probe needs of a server, fenced or not. */
interface Probed {
  client(): Promise<TurnClient>;
  peer(): Promise<TestPeer>;
}

interface Hole {
  readonly name: string;
  /** Whether the server has it. */
  readonly isOpen: (server: Probed) => Promise<boolean>;
}

const udp = 17 << 24;

const holes: readonly Hole[] = [
  {
    name: "a user that is a property of every object is let in",
    isOpen: async (server) => {
      const client = await server.client();
      const credential = {
        username: "constructor",
        password: "function Object() { [native code] }",
      };
      const answer = await client.sealed(
        method.allocate,
        (writer) => writer.uint32(attribute.requestedTransport, udp),
        { credential },
      );
      return answer.ok;
    },
  },
  {
    name: "a datagram of 1 byte kills",
    isOpen: (server) => diesOf(server, "x"),
  },
  {
    name: "a datagram of 0 bytes kills",
    isOpen: (server) => diesOf(server, ""),
  },
  {
    name: "a refresh ends the allocation",
    isOpen: async (server) => {
      const client = await server.client();
      await client.allocate();
      await client.refresh(600);
      // The timer that ends it was set for now.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return (await client.permit(endpoint("127.0.0.1", 9))).code === 437;
    },
  },
  {
    name: "ChannelData of clients is dropped",
    isOpen: async (server) => {
      const [client, peer] = [await server.client(), await server.peer()];
      await client.allocate();
      await client.bind(0x4000, peer.endpoint);
      client.sendChannel(0x4000, "by channel");
      client.sendTo(peer.endpoint, "by Send");
      return (await peer.received()) !== "by channel";
    },
  },
  {
    name: "relay sockets stay open",
    isOpen: async (server) => {
      const client = await server.client();
      const { relayed } = await client.allocate();
      await client.refresh(0);
      return !(await canBind(relayed.port));
    },
  },
  {
    name: "a cloud's metadata service may be reached",
    isOpen: async (server) => {
      const client = await server.client();
      await client.allocate();
      return (await client.permit(endpoint("169.254.169.254", 80))).ok;
    },
  },
  {
    name: "the answer to ChannelBind is not sealed",
    isOpen: async (server) => {
      const client = await server.client();
      await client.allocate();
      const { message } = await client.bind(0x4000, endpoint("127.0.0.1", 9));
      return !message.has(attribute.messageIntegrity);
    },
  },
  {
    name: "an attribute that may be ignored drops the request",
    isOpen: async (server) => {
      const client = await server.client();
      await client.challenge();
      const asked = client.request(
        method.allocate,
        (writer) => writer.uint32(attribute.requestedTransport, udp).uint32(0xc057, 1),
        { patienceMs: 300 },
      );
      return asked.then(
        () => false,
        () => true,
      );
    },
  },
  {
    name: "a nonce is good for every address",
    isOpen: async (server) => {
      const [client, other] = [await server.client(), await server.client()];
      await other.challenge();
      client.nonce = other.nonce;
      client.realm = other.realm;
      return (await client.allocate()).ok;
    },
  },
  {
    name: "a retransmitted Allocate takes a second relay",
    isOpen: async (server) => {
      const client = await server.client();
      const first = await client.allocate({}, Buffer.alloc(12, 7));
      const again = await client.allocate({}, Buffer.alloc(12, 7));
      return first.relayed.port !== again.relayed.port;
    },
  },
  {
    name: "a peer's data that looks like ChannelData is unwrapped",
    isOpen: async (server) => {
      const [client, peer] = [await server.client(), await server.peer()];
      const { relayed } = await client.allocate();
      await client.bind(0x4000, peer.endpoint);
      peer.send(Buffer.from("400000027878", "hex"), relayed.port);
      return (await client.received()).data === "xx";
    },
  },
  {
    name: "a lifetime that is asked for is not heard",
    isOpen: async (server) => {
      const client = await server.client();
      const { message } = await client.allocate({ lifetimeS: 1_800 });
      return message.uint32(attribute.lifetime) !== 1_800;
    },
  },
];

describe("each hole of node-turn is shut behind the fences, and open without them", () => {
  for (const { name, isOpen } of holes) {
    test(name, async (t) => {
      const fenced = await EngineLab.open(t, "node-turn");
      const faults: string[] = [];
      fenced.engine.events.on("engine:fault", ({ reason }) => faults.push(reason));
      assert.equal(await isOpen(fenced), false, "shut behind the fences");
      assert.deepEqual(faults, []);
      await using bare = await BareServer.start();
      assert.equal(await isOpen(bare), true, "open without them, so that this test can fail");
    });
  }
});

test("packets of peers keep their order", async (t) => {
  const lab = await EngineLab.open(t, "node-turn");
  const [client, peer] = [await lab.client(), await lab.peer()];
  const { relayed } = await client.allocate();
  await client.permit(peer.endpoint);
  const sent = Array.from({ length: 200 }, (_, index) => `packet ${index}`);
  for (const data of sent) peer.send(data, relayed.port);
  const received: string[] = [];
  for (const _ of sent) received.push((await client.received()).data);
  assert.deepEqual(received, sent);
});

test("it closes with relays that live, and nothing is left of them", async (t) => {
  const lab = await EngineLab.open(t, "node-turn");
  const [client, peer] = [await lab.client(), await lab.peer()];
  const { relayed } = await client.allocate();
  await client.permit(peer.endpoint);
  await lab.engine.close("with a relay");
  peer.send("too late", relayed.port);
  assert.ok(await canBind(relayed.port));
  assert.equal(lab.engine.stats().gauges.allocations, 0);
});

for (const [what, address] of [
  ["a public address", "203.0.114.5"],
  ["all addresses", "0.0.0.0"],
  ["IPv6", "::1"],
  ["link-local addresses", "169.254.1.1"],
]) {
  test(`it refuses to serve ${what}`, () => {
    const listeners = [{ protocol: "udp" as const, address: address ?? "", port: 3478 }];
    assert.throws(() => createTurnEngine(turnOptions({ engine: "node-turn", listeners })), {
      code: "engine-unfit",
    });
  });
}

test("it refuses to be known by a public address", () => {
  const { relay } = turnOptions();
  const addresses = [{ address: "10.0.0.5", external: "198.18.0.1" }];
  assert.throws(
    () => createTurnEngine(turnOptions({ engine: "node-turn", relay: { ...relay, addresses } })),
    { code: "engine-unfit" },
  );
});

async function diesOf(server: Probed, datagram: string): Promise<boolean> {
  const [client, peer] = [await server.client(), await server.peer()];
  const { relayed } = await client.allocate();
  await client.permit(peer.endpoint);
  peer.send(datagram, relayed.port);
  peer.send("and on", relayed.port);
  const received = (await Promise.race([client.received(), silence()]))?.data;
  return received !== datagram;
}

function silence(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 300, undefined));
}

async function canBind(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  const bound = once(socket, "listening").then(
    () => true,
    () => false,
  );
  socket.bind({ port, address: "127.0.0.1", exclusive: true });
  const free = await bound;
  socket.close();
  return free;
}

/** The package alone, in a process that may die. */
class BareServer implements Probed {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #credential: Credential;
  readonly #closers: (() => void)[] = [];

  private constructor(child: ChildProcess, port: number, credential: Credential) {
    this.#process = child;
    this.#port = port;
    this.#credential = credential;
  }

  static async start(): Promise<BareServer> {
    const credential = { username: "alice", password: "open sesame" };
    const port = await freePort();
    const script = fileURLToPath(new URL("../../support/turn-bare-node-turn.ts", import.meta.url));
    const args = [credential.username, credential.password, String(port)];
    const child = fork(script, args, { stdio: "ignore" });
    await once(child, "message", { signal: AbortSignal.timeout(10_000) });
    return new BareServer(child, port, credential);
  }

  async client(): Promise<TurnClient> {
    const listener = { protocol: "udp" as const, address: "127.0.0.1", port: this.#port };
    const client = await TurnClient.connect(listener, this.#credential);
    this.#closers.push(() => client.close());
    return client;
  }

  async peer(): Promise<TestPeer> {
    const peer = await TestPeer.open("127.0.0.1");
    this.#closers.push(() => peer.close());
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers) close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
