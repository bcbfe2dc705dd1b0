import assert from "node:assert/strict";
import { test } from "node:test";
import { Recorder } from "../../../loadtest/coordinator/recorder.ts";
import { summarise } from "../../../loadtest/coordinator/summarise.ts";

const ROOM = 0;

function joined(participantId: string) {
  return { type: "joined", participantId, room: ROOM, ms: 10 } as const;
}

test("whoever has lost media or signaling isn't there, though they had joined", () => {
  const recorder = new Recorder();
  recorder.events([joined("a"), joined("b"), joined("c"), joined("d")]);
  recorder.beginSteady();
  assert.equal(recorder.sample(4).joined, 4);
  recorder.events([
    { type: "lost", participantId: "a", room: ROOM, what: "media" },
    { type: "lost", participantId: "a", room: ROOM, what: "signaling" },
    { type: "lost", participantId: "b", room: ROOM, what: "signaling" },
  ]);
  assert.equal(recorder.sample(4).joined, 2);
  recorder.events([
    { type: "recovered", participantId: "a", room: ROOM, what: "media", ms: 5 },
    { type: "recovered", participantId: "b", room: ROOM, what: "signaling", ms: 5 },
  ]);
  assert.equal(recorder.sample(4).joined, 3, "one of them lacks signaling still");
  const figures = summarise(recorder, 4, 4);
  assert.equal(figures.joinedPercent, 100);
  assert.equal(figures.presentPercent, 75);
});

test("who left isn't missed, and a leaver's place counts once", () => {
  const recorder = new Recorder();
  recorder.events([joined("a"), joined("b")]);
  recorder.beginSteady();
  recorder.events([{ type: "lost", participantId: "a", room: ROOM, what: "media" }]);
  recorder.events([{ type: "left", participantId: "a", room: ROOM }, joined("c"), joined("d")]);
  assert.equal(recorder.sample(2).joined, 2);
  assert.equal(summarise(recorder, 2, 2).presentPercent, 100);
});
