import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClientRequestName } from "../../../src/protocol/index.ts";
import { CLIENT_REQUEST_NAMES, clientRequests, LIMITS } from "../../../src/protocol/index.ts";
import { badInputs } from "../../support/protocol-bad-inputs.ts";
import type { ProtocolClient } from "../../support/protocol-client.ts";
import { randomId } from "../../support/protocol-client.ts";
import { validSample } from "../../support/protocol-samples.ts";
import { refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";

/** Of an epoch; what it says is the members' business. */
const tag = randomId();

const patient = {
  options: {
    requestsPerSecond: 1e9,
    requestBurst: 1e9,
    offenceBurst: 1e9,
    byteBurst: 1e9,
    pendingRequests: 1e9,
  },
};

async function codeOf(client: ProtocolClient, name: string, ...args: unknown[]): Promise<unknown> {
  const answer = await client.requestRaw(name, ...args);
  assert.ok(typeof answer === "object" && answer !== null && "code" in answer, name);
  return answer.code;
}

describe("every request", () => {
  for (const name of CLIENT_REQUEST_NAMES) {
    test(`${name} refuses every malformed input with bad-request`, async (t) => {
      const harness = await SignalingHarness.start(t, patient);
      const { client } = await harness.join(randomId());
      const faults = badInputs(clientRequests[name].input);
      assert.ok(faults.length >= 9);
      for (const { what, input } of faults) {
        assert.equal(await codeOf(client, name, input), "bad-request", `${name}: ${what}`);
      }
      for (const args of [[], [{}, {}], [{}, 1, "x"]]) {
        assert.equal(await codeOf(client, name, ...args), "bad-request", `${args.length} args`);
      }
      assert.equal(harness.server.participantCount, 1);
    });
  }

  const needNoRoom: readonly ClientRequestName[] = [
    "room:join",
    "server:capabilities",
    "server:regions",
  ];
  for (const name of CLIENT_REQUEST_NAMES.filter((each) => !needNoRoom.includes(each))) {
    test(`${name} before a join is answered not-joined`, async (t) => {
      const harness = await SignalingHarness.start(t);
      const client = await harness.connect();
      const input = validSample(clientRequests[name].input);
      assert.equal(await codeOf(client, name, input), "not-joined");
    });
  }

  test("that names what is not there is answered with the code of its kind", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client } = await harness.join(randomId());
    const codes: Partial<Record<ClientRequestName, string>> = {
      "transport:connect": "transport-not-found",
      "transport:restart-ice": "transport-not-found",
      "transport:close": "transport-not-found",
      "producer:create": "transport-not-found",
      "producer:pause": "producer-not-found",
      "producer:resume": "producer-not-found",
      "producer:close": "producer-not-found",
      "consumer:create": "transport-not-found",
      "consumer:pause": "consumer-not-found",
      "consumer:resume": "consumer-not-found",
      "consumer:close": "consumer-not-found",
      "consumer:set-layers": "consumer-not-found",
      "consumer:request-key-frame": "consumer-not-found",
      "group:info": "group-missing",
      "group:commit": "group-missing",
      "group:refuse": "group-missing",
      "group:commits": "group-missing",
      "group:send": "participant-not-found",
    };
    for (const name of CLIENT_REQUEST_NAMES) {
      const code = codes[name];
      if (code === undefined) continue;
      assert.equal(await codeOf(client, name, validSample(clientRequests[name].input)), code, name);
    }
  });

  test("with too many bytes is refused, and one byte less is not", async (t) => {
    const harness = await SignalingHarness.start(t, patient);
    const roomId = randomId();
    const { client } = await harness.join(roomId);
    await client.request("group:create", { tag });
    const commit = new Uint8Array(LIMITS.commitBytes + 1);
    await assert.rejects(
      client.request("group:commit", { epoch: 0, tag, commit }),
      refusedWith("bad-request"),
    );
    await client.request("group:commit", { epoch: 0, tag, commit: commit.subarray(1) });
    const message = new Uint8Array(LIMITS.messageBytes + 1);
    await assert.rejects(
      client.request("group:send", { to: null, message }),
      refusedWith("bad-request"),
    );
    await client.request("group:send", { to: null, message: message.subarray(1) });
  });
});

describe("what is no request", () => {
  const names = ["", "nothing", "error", "toString", "__proto__", "message", "group:provide-info"];
  for (const name of names) {
    test(`"${name}" is answered unknown-request`, async (t) => {
      const harness = await SignalingHarness.start(t);
      const { client } = await harness.join(randomId());
      assert.equal(await codeOf(client, name, {}), "unknown-request");
    });
  }

  test("and asks for no answer gets none, and does nothing", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client } = await harness.join(randomId());
    client.socket.emit("room:leave", {});
    client.socket.emit("error", {});
    client.socket.emit("nothing");
    await client.request("group:create", { tag });
    assert.equal(harness.server.participantCount, 1);
  });
});
