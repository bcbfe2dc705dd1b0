import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProtocolError } from "../../../src/protocol/index.ts";
import { SfuRooms } from "../../../src/signaling/sfu-rooms.ts";
import { refusedWith } from "../../support/signaling-harness.ts";
import { MemorySfu } from "../../support/signaling-sfu.ts";

const input = { roomId: "room", participantId: "anna", direction: "send" } as const;
const wanted = () => {};
const unexpected = (error: unknown) => assert.fail(String(error));

describe("SfuRooms", () => {
  test("closes a room only after the transports that were being made in it", async () => {
    const sfu = new MemorySfu();
    const rooms = new SfuRooms(sfu);
    const release = sfu.hold();
    const creating = rooms.createTransport(input, wanted);
    const closing = rooms.close("room", unexpected);
    release();
    await creating;
    await closing;
    assert.equal(sfu.transports.size, 0);
    assert.deepEqual(sfu.closedRooms, ["room"]);
  });

  test("makes a transport only after the former room of the same id is closed", async () => {
    const sfu = new MemorySfu();
    const rooms = new SfuRooms(sfu);
    await rooms.createTransport(input, wanted);
    const release = sfu.hold();
    void rooms.close("room", unexpected);
    const creating = rooms.createTransport(input, wanted);
    release();
    await creating;
    assert.deepEqual(sfu.closedRooms, ["room"]);
    assert.equal(sfu.transports.size, 1);
  });

  test("makes no transport that nobody wants any more", async () => {
    const sfu = new MemorySfu();
    const rooms = new SfuRooms(sfu);
    const notWanted = () => {
      throw new ProtocolError("not-joined");
    };
    await assert.rejects(rooms.createTransport(input, notWanted), refusedWith("not-joined"));
    assert.equal(sfu.transports.size, 0);
  });

  test("tells of a room that could not be closed, and goes on", async () => {
    const sfu = new MemorySfu();
    sfu.closeRoom = () => Promise.reject(new Error("gone"));
    const rooms = new SfuRooms(sfu);
    const errors: unknown[] = [];
    await rooms.close("room", (error) => errors.push(error));
    await rooms.settled();
    assert.equal(errors.length, 1);
    await rooms.createTransport(input, wanted);
  });
});
