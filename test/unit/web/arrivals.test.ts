import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals } from "../../../src/web/state/arrivals.ts";
import { remoteParticipant } from "../../support/web-preview/in-memory-call.ts";

const ada = (change = {}) => remoteParticipant("ada", { name: "Ada", ...change });
const bob = (change = {}) => remoteParticipant("bob", { name: "Bob", ...change });

test("who was there at first is not told, even when the name comes later", () => {
  const arrivals = new Arrivals([ada({ name: "" })]);
  assert.deepEqual(arrivals.update([ada()]), []);
});

test("a newcomer is told once, with the name, when the keys are there", () => {
  const arrivals = new Arrivals([]);
  assert.deepEqual(arrivals.update([ada({ presence: "joining", name: "" })]), []);
  assert.deepEqual(arrivals.update([ada({ name: "" })]), []);
  assert.deepEqual(arrivals.update([ada()]), [{ kind: "joined", name: "Ada" }]);
  assert.deepEqual(arrivals.update([ada({ speaking: true })]), []);
});

test("a leaver is told when they go, not again when they are shut out", () => {
  const arrivals = new Arrivals([ada(), bob()]);
  assert.deepEqual(arrivals.update([ada({ presence: "leaving" }), bob()]), [
    { kind: "left", name: "Ada" },
  ]);
  assert.deepEqual(arrivals.update([ada({ presence: "leaving" }), bob()]), []);
  assert.deepEqual(arrivals.update([bob()]), []);
  assert.deepEqual(arrivals.update([]), [{ kind: "left", name: "Bob" }]);
});

test("a lost connection is no leave, and a return no arrival", () => {
  const arrivals = new Arrivals([ada()]);
  assert.deepEqual(arrivals.update([ada({ presence: "away" })]), []);
  assert.deepEqual(arrivals.update([ada()]), []);
});

test("who gave up joining never came", () => {
  const arrivals = new Arrivals([]);
  arrivals.update([ada({ presence: "joining" })]);
  assert.deepEqual(arrivals.update([]), []);
});

test("who was leaving already when the call was joined is not told", () => {
  const arrivals = new Arrivals([ada({ presence: "leaving" })]);
  assert.deepEqual(arrivals.update([ada({ presence: "leaving" })]), []);
  assert.deepEqual(arrivals.update([]), []);
});
