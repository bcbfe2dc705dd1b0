import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlacementCandidate } from "../../../src/sfu/placement.ts";
import { placeParticipant } from "../../../src/sfu/placement.ts";

const RULES = { spreadThreshold: 60, maxTransports: 100, maxConsumers: 50 };

function worker(given: Partial<PlacementCandidate> = {}): PlacementCandidate {
  return { streams: 0, participants: 0, transports: 0, consumers: 0, hasRoom: false, ...given };
}

describe("placeParticipant", () => {
  it("takes the least loaded worker, the first one of equals", () => {
    const candidates = [worker({ streams: 9 }), worker({ streams: 3 }), worker({ streams: 3 })];
    assert.equal(placeParticipant(candidates, RULES), 1);
    assert.equal(placeParticipant([worker(), worker()], RULES), 0);
  });

  it("counts participants who don't send yet, so that a rush of joins is spread", () => {
    assert.equal(placeParticipant([worker({ participants: 1 }), worker()], RULES), 1);
    assert.equal(placeParticipant([worker({ participants: 1 }), worker({ streams: 5 })], RULES), 0);
  });

  it("stays where the room is, until that worker is loaded more by the threshold", () => {
    const there = (streams: number) => [worker({ streams, hasRoom: true }), worker()];
    assert.equal(placeParticipant(there(0), RULES), 0);
    assert.equal(placeParticipant(there(59), RULES), 0);
    assert.equal(placeParticipant(there(61), RULES), 1);
    assert.equal(placeParticipant(there(1), { ...RULES, spreadThreshold: 0 }), 1);
  });

  it("passes over full workers, and knows no place when all are full", () => {
    const full = worker({ transports: 100, hasRoom: true });
    const busy = worker({ consumers: 50 });
    assert.equal(placeParticipant([full, worker({ streams: 900 }), busy], RULES), 1);
    assert.equal(placeParticipant([full, busy], RULES), undefined);
    assert.equal(placeParticipant([], RULES), undefined);
  });
});
