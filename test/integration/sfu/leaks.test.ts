import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { observer } from "mediasoup";
import type { types } from "mediasoup";
import type { Sfu } from "../../../src/sfu/index.ts";
import type { LabParticipant } from "../../support/sfu-lab.ts";
import { joinSfu, randomId, startSfu, until } from "../../support/sfu-lab.ts";

const ROUNDS = 200;
/** Allocators keep pages, and V8 keeps compiled code: what grows with each round is more than this. */
const WORKER_TOLERANCE_BYTES = 4 * 1024 * 1024;
const HEAP_TOLERANCE_BYTES = 2 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function residentBytes(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1];
  return Number(pages) * 4_096;
}

function heapBytes(): number {
  assert.ok(typeof collectGarbage === "function");
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function exchange(first: LabParticipant, second: LabParticipant): Promise<void> {
  for (const [sender, receiver] of [
    [first, second],
    [second, first],
  ] as const) {
    for (const source of ["microphone", "camera"] as const) {
      await receiver.consume(await sender.produce(source));
    }
  }
}

describe("joining and leaving", () => {
  const workers: types.Worker[] = [];
  const onWorker = (worker: types.Worker) => {
    workers.push(worker);
  };
  let sfu: Sfu;

  before(async () => {
    observer.on("newworker", onWorker);
    sfu = await startSfu();
  });
  after(async () => {
    observer.off("newworker", onWorker);
    await sfu.close();
  });

  async function round(): Promise<void> {
    const roomId = randomId();
    const first = await joinSfu(sfu, roomId);
    const second = await joinSfu(sfu, roomId);
    await exchange(first, second);
    await first.leave();
    await second.leave();
  }

  /** What the processes hold of routers, transports, producers and consumers. */
  async function footprint() {
    const dumps = await Promise.all(workers.map((worker) => worker.dump()));
    return dumps.map(({ routerIds, channelMessageHandlers }) => ({
      routers: routerIds.length,
      requestHandlers: channelMessageHandlers.channelRequestHandlers.length,
      notificationHandlers: channelMessageHandlers.channelNotificationHandlers.length,
    }));
  }

  it(`leaves nothing behind after ${ROUNDS} times two people over two workers`, async () => {
    const empty = await footprint();
    for (let index = 0; index < 50; index += 1) await round();
    const heap = heapBytes();
    const resident = workers.map(({ pid }) => residentBytes(pid));

    for (let index = 0; index < ROUNDS; index += 1) await round();

    const { rooms, transports, producers, consumers, pipes, workers: loads } = sfu.stats();
    assert.deepEqual(
      { rooms, transports, producers, consumers, pipes },
      {
        rooms: 0,
        transports: 0,
        producers: 0,
        consumers: 0,
        pipes: 0,
      },
    );
    for (const load of loads) {
      assert.equal(load.participants + load.transports + load.producers + load.consumers, 0);
    }
    assert.deepEqual(await footprint(), empty);
    const grown = workers.map(({ pid }, index) => residentBytes(pid) - (resident[index] ?? 0));
    for (const bytes of grown)
      assert.ok(bytes < WORKER_TOLERANCE_BYTES, `a worker grew by ${bytes}`);
    const heapGrown = heapBytes() - heap;
    assert.ok(heapGrown < HEAP_TOLERANCE_BYTES, `the heap grew by ${heapGrown}`);
  });

  it("leaves nothing of a guest in a room where others stay", async () => {
    const roomId = randomId();
    const host = await joinSfu(sfu, roomId);
    const visit = async () => {
      const guest = await joinSfu(sfu, roomId);
      await exchange(host, guest);
      await guest.leave();
      await sfu.closeTransport({ transportId: host.send.transportId });
      const send = await sfu.createTransport({
        roomId,
        participantId: host.participantId,
        direction: "send",
      });
      Object.assign(host.send, send);
    };
    await visit();
    const settled = await footprint();
    for (let index = 0; index < 50; index += 1) await visit();
    await until("as after the first visit", async () => {
      const now = await footprint();
      return JSON.stringify(now) === JSON.stringify(settled);
    });
    assert.equal(sfu.stats().consumers, 0);
    assert.equal(sfu.stats().rooms, 1);
    await sfu.closeRoom({ roomId });
  });
});
