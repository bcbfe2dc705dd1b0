import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { ProtocolError } from "../../../src/protocol/index.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import { freePort } from "../../support/free-port.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { joinSfu, randomId, startSfu, until } from "../../support/sfu-lab.ts";

function pidOf(sfu: Sfu, index: number): number {
  const worker = sfu.stats().workers.find((candidate) => candidate.index === index);
  assert.ok(worker !== undefined);
  return worker.pid;
}

describe("a worker that dies", () => {
  let sfu: Sfu;
  before(async () => {
    sfu = await startSfu();
  });
  after(() => sfu.close());

  it("takes along what it carried, tells it once, and is replaced", async () => {
    const roomId = randomId();
    // Placed in turns: first and third on worker 0, second on worker 1.
    const first = await joinSfu(sfu, roomId);
    const second = await joinSfu(sfu, roomId);
    const third = await joinSfu(sfu, roomId);
    const lost = await first.produce("camera");
    const kept = await second.produce("microphone");
    const cut = await second.consume(lost);
    await third.consume(lost);
    await third.consume(kept);
    assert.equal(sfu.stats().pipes, 2);

    const transports: string[] = [];
    const consumers: object[] = [];
    const producers: object[] = [];
    const offs = [
      sfu.on("transport:closed", ({ transportId }) => transports.push(transportId)),
      sfu.on("consumer:closed", (event) => consumers.push(event)),
      sfu.on("producer:closed", (event) => producers.push(event)),
    ];
    const pid = pidOf(sfu, 0);
    process.kill(pid, "SIGKILL");
    await until("the death is told", () => transports.length === 4 && consumers.length === 1);
    assert.deepEqual(
      new Set(transports),
      new Set(
        [first, third].flatMap(({ send, receive }) => [send.transportId, receive.transportId]),
      ),
    );
    assert.deepEqual(consumers, [{ consumerId: cut, reason: "worker-died" }]);
    assert.deepEqual(producers, []);
    const stats = sfu.stats();
    assert.deepEqual(
      [stats.transports, stats.producers, stats.consumers, stats.pipes, stats.workerDeaths],
      [2, 1, 0, 0, 1],
    );

    // At once, on the worker that is left, which still has the second participant's stream.
    const back = await joinSfu(sfu, roomId);
    await back.consume(kept);
    await second.consume(await back.produce("camera"));

    await until("the worker is replaced", () => sfu.stats().workersAlive === 2);
    assert.notEqual(pidOf(sfu, 0), pid);
    const next = await joinSfu(sfu, roomId);
    await next.consume(kept);
    assert.equal(sfu.stats().workers[0]?.consumers, 1);
    for (const off of offs) off();
    await sfu.closeRoom({ roomId });
    assert.equal(sfu.stats().rooms, 0);
  });

  it("comes back on the same port, while connections to it are still open", async (t) => {
    const port = await freePort();
    const own = await startSfu({ workerCount: 1, port });
    t.after(() => own.close());
    const client = connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    client.on("error", () => {});
    await until("a client is connected", () => client.readyState === "open");
    process.kill(pidOf(own, 0), "SIGKILL");
    await until("the death is seen", () => own.stats().workerDeaths === 1);
    await until("the worker is replaced", () => own.stats().workersAlive === 1);
    const { send } = await joinSfu(own, randomId());
    assert.deepEqual(
      send.iceCandidates.map((candidate) => candidate.port),
      [port, port],
    );
  });

  it("answers what is under way, and neither hangs nor calls it internal", async () => {
    const roomId = randomId();
    const first = await joinSfu(sfu, roomId);
    const second = await joinSfu(sfu, roomId);
    const producerId = await first.produce("camera");
    const index = sfu.stats().workers.findIndex(({ producers }) => producers > 0);
    process.kill(pidOf(sfu, index), "SIGKILL");
    const outcomes = await Promise.allSettled([
      first.produce("microphone"),
      second.consume(producerId),
      sfu.restartIce({ transportId: first.send.transportId }),
      sfu.setProducerPaused({ producerId, paused: true }),
    ]);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, "rejected");
      assert.ok(outcome.reason instanceof ProtocolError);
      assert.equal(outcome.reason.code, "sfu-unavailable");
    }
    await until("the worker is replaced", () => sfu.stats().workersAlive === 2);
    await sfu.closeRoom({ roomId });
  });
});

describe("a worker that keeps dying", () => {
  it("is started again at once, then after growing pauses", async (t) => {
    const clock = new ManualClock();
    const sfu = await startSfu({ workerCount: 1, clock });
    t.after(() => sfu.close());
    const kill = async () => {
      process.kill(pidOf(sfu, 0), "SIGKILL");
      await until("it is dead", () => sfu.stats().workersAlive === 0);
      const input = { roomId: randomId(), participantId: randomId(), direction: "send" } as const;
      await assert.rejects(sfu.createTransport(input), { code: "sfu-unavailable" });
      assert.equal(sfu.stats().rooms, 0);
    };
    const startsAfter = async (delayMs: number) => {
      assert.equal(clock.pending, 1);
      if (delayMs > 0) clock.advance(delayMs - 1);
      assert.equal(clock.pending, 1);
      clock.advance(delayMs > 0 ? 1 : 0);
      assert.equal(clock.pending, 0);
      await until("it is back", () => sfu.stats().workersAlive === 1);
    };
    await kill();
    await startsAfter(0);
    await kill();
    await startsAfter(250);
    await kill();
    await startsAfter(500);
    await sfu.close();
    assert.equal(clock.pending, 0);
  });

  it("is killed when it no longer answers", async (t) => {
    const clock = new ManualClock();
    const sfu = await startSfu({ workerCount: 1, clock });
    t.after(() => sfu.close());
    const pid = pidOf(sfu, 0);
    process.kill(pid, "SIGSTOP");
    // Three beats without an answer; the fourth look finds it stuck.
    clock.advance(20_000);
    await until("it is taken for dead", () => sfu.stats().workerDeaths === 1);
    clock.advance(1);
    await until("it is replaced", () => sfu.stats().workersAlive === 1);
    assert.notEqual(pidOf(sfu, 0), pid);
  });
});
