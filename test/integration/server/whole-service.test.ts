import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { ProtocolClient, randomId } from "../../support/protocol-client.ts";
import { RunningService } from "../../support/running-service.ts";
import { endpoint, TurnClient } from "../../support/turn-client.ts";

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

describe("all roles in one process", () => {
  let service: RunningService;
  let client: ProtocolClient;
  let mediaPort: number;
  const roomId = randomId();
  const participantId = randomId();

  before(async () => {
    mediaPort = await freeUdpPort();
    service = await RunningService.start({
      flags: ["--sfu-port", String(mediaPort), "--log-level", "trace"],
    });
    client = await ProtocolClient.connect(service.origin);
    await client.request("room:join", { roomId, participantId });
  });
  after(async () => {
    client.close();
    assert.equal(await service.stop(), 0);
  });

  it("a participant gets transports on the configured port", async () => {
    const { transport } = await client.request("transport:create", { direction: "send" });
    assert.deepEqual(
      transport.iceCandidates.map(({ address, port, protocol }) => ({ address, port, protocol })),
      [
        { address: "127.0.0.1", port: mediaPort, protocol: "udp" },
        { address: "127.0.0.1", port: mediaPort, protocol: "tcp" },
      ],
    );
  });

  it("and a relay that leads to the media port and to nothing else", async () => {
    const { iceServers } = await client.request("transport:create", { direction: "receive" });
    const [server] = iceServers;
    const { username, credential, urls = [] } = server ?? {};
    assert.ok(username !== undefined && credential !== undefined);
    assert.deepEqual(
      urls.map((url) => url.replace(/\d+(?=\?)/, "PORT")),
      ["turn:127.0.0.1:PORT?transport=udp", "turn:127.0.0.1:PORT?transport=tcp"],
    );
    for (const url of urls) {
      const port = Number(/:(\d+)\?/.exec(url)?.[1]);
      const protocol = url.endsWith("udp") ? "udp" : "tcp";
      const relay = await TurnClient.connect(
        { protocol, address: "127.0.0.1", port },
        { username, password: credential },
      );
      assert.equal((await relay.allocate()).ok, true);
      assert.equal((await relay.bind(0x4000, endpoint("127.0.0.1", mediaPort))).ok, true);
      const adminPort = Number(new URL(service.adminOrigin).port);
      assert.equal((await relay.bind(0x4001, endpoint("127.0.0.1", adminPort))).code, 403);
      assert.equal((await relay.permit(endpoint("169.254.169.254", 80))).code, 403);
      relay.close();
    }
  });

  it("the metrics count what goes on", async () => {
    const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
    for (const line of [
      /^aparte_signaling_participants 1$/m,
      /^aparte_signaling_joins_total 1$/m,
      /^aparte_signaling_answers_total\{request="room:join",code="ok"\} 1$/m,
      /^aparte_sfu_transports 2$/m,
      /^aparte_turn_allocations_total 2$/m,
    ]) {
      assert.match(figures, line);
    }
    for (const id of [roomId, participantId]) assert.equal(figures.includes(id), false);
  });

  it("and no whole id stands in the log, at its most talkative", () => {
    assert.match(service.stderr, new RegExp(roomId.slice(0, 4)), "the room is spoken of");
    for (const id of [roomId, participantId]) {
      assert.equal(service.stderr.includes(id.slice(0, 8)), false);
    }
    assert.deepEqual(client.violations, []);
  });
});

it("pages of other origins may not connect, those that are allowed may", async () => {
  const service = await RunningService.start({
    flags: ["--http-allowed-origins", "https://friend.example"],
  });
  const origin = (value: string) => ({ headers: { Origin: value } });
  await assert.rejects(ProtocolClient.connect(service.origin, origin("https://foe.example")));
  for (const allowed of ["https://friend.example", service.origin]) {
    (await ProtocolClient.connect(service.origin, origin(allowed))).close();
  }
  assert.equal(await service.stop(), 0);
});
