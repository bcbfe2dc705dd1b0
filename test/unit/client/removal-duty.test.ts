import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RemovalDuty } from "../../../src/client/group/removal-duty.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const SIGNATURE_KEY = new Uint8Array(32);

function members(...ids: string[]) {
  return ids.map((participantId, leafIndex) => ({
    participantId,
    leafIndex,
    signatureKey: SIGNATURE_KEY,
  }));
}

/** The duty of `self` in a group of ada, bob, cyd and dan. */
function dutyOf(self: string, leaveWindowMs = 100) {
  const clock = new ManualClock();
  const removals: string[][] = [];
  const duty = new RemovalDuty({
    participantId: self,
    clock,
    leaveWindowMs,
    remove: (ids) => removals.push([...ids]),
  });
  duty.membersChanged(members("ada", "bob", "cyd", "dan"));
  const others = ["ada", "bob", "cyd", "dan"].filter((id) => id !== self);
  duty.rosterChanged(new Set(others), new Set());
  return { clock, removals, duty };
}

describe("removal duty", () => {
  it("falls to the first member that is present, within the window that gathers leaves", () => {
    const { clock, removals, duty } = dutyOf("ada");
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set(["dan"]));
    clock.advance(20);
    duty.rosterChanged(new Set(["bob"]), new Set(["dan", "cyd"]));
    assert.deepEqual(removals, []);
    clock.advance(100);
    assert.deepEqual(removals, [["cyd", "dan"]]);
  });

  it("is not put off by those who go one after another", () => {
    const { clock, removals, duty } = dutyOf("ada");
    const left = new Set<string>();
    for (const id of ["dan", "cyd", "bob"]) {
      left.add(id);
      duty.rosterChanged(new Set(["bob", "cyd"].filter((each) => !left.has(each))), new Set(left));
      clock.advance(60);
    }
    assert.deepEqual(removals, [["cyd", "dan"]]);
  });

  it("gathers leaves for as long as the call wants", () => {
    const { clock, removals, duty } = dutyOf("ada", 2_000);
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set(["dan"]));
    clock.advance(1_900);
    duty.rosterChanged(new Set(["bob"]), new Set(["dan", "cyd"]));
    assert.deepEqual(removals, []);
    clock.advance(2_000);
    assert.deepEqual(removals, [["cyd", "dan"]]);
    const hasty = dutyOf("ada", 0);
    hasty.duty.rosterChanged(new Set(["bob", "cyd"]), new Set(["dan"]));
    hasty.clock.advance(1);
    assert.deepEqual(hasty.removals, [["dan"]]);
  });

  it("passes on to the next member after a second", () => {
    const { clock, removals, duty } = dutyOf("bob");
    duty.rosterChanged(new Set(["ada", "cyd"]), new Set(["dan"]));
    clock.advance(900);
    assert.deepEqual(removals, []);
    clock.advance(200);
    assert.deepEqual(removals, [["dan"]]);
  });

  it("ends when somebody else has committed the removal", () => {
    const { clock, removals, duty } = dutyOf("bob");
    duty.rosterChanged(new Set(["ada", "cyd"]), new Set(["dan"]));
    duty.membersChanged(members("ada", "bob", "cyd"));
    clock.advance(60_000);
    assert.deepEqual(removals, []);
  });

  it("is taken up again for as long as the leaver is in the tree", () => {
    const { clock, removals, duty } = dutyOf("ada");
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set(["dan"]));
    clock.advance(3_000);
    assert.ok(removals.length >= 2);
  });

  it("spares members who are missing without a goodbye, until they have been for long", () => {
    const { clock, removals, duty } = dutyOf("ada");
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set());
    clock.advance(29_000);
    assert.deepEqual(removals, []);
    clock.advance(2_000);
    assert.deepEqual(removals[0], ["dan"]);
  });

  it("forgets an absence when the member is back", () => {
    const { clock, removals, duty } = dutyOf("ada");
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set());
    clock.advance(20_000);
    duty.rosterChanged(new Set(["bob", "cyd", "dan"]), new Set());
    clock.advance(20_000);
    duty.rosterChanged(new Set(["bob", "cyd"]), new Set());
    clock.advance(20_000);
    assert.deepEqual(removals, []);
  });

  it("leaves no timer behind when it is closed", () => {
    const { clock, duty } = dutyOf("ada");
    duty.rosterChanged(new Set(["bob"]), new Set(["dan"]));
    duty.close();
    assert.equal(clock.pending, 0);
  });
});
