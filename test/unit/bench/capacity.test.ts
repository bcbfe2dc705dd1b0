import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ADDED_LATENCY_P99_MS, capacityOf, isCarried } from "../../../bench/sfu/climb.ts";
import type { Step } from "../../../bench/sfu/climb.ts";
import type { Round } from "../../../bench/sfu/round.ts";
import { roundWith } from "./round-lab.ts";

function step(consumers: number, others: Partial<Round> = {}): Step {
  const round = roundWith({ packetsPerS: consumers * 60, ...others });
  return { consumers, round, isCarried: isCarried(round) };
}

const starved = { delayP99Ms: 40, runQueueShare: 0.4, cpuShare: 0.6 };

describe("whether a load is carried", () => {
  it("is with every packet, in time", () => {
    assert.ok(isCarried(roundWith({})));
  });

  it("isn't with one packet lost, one frame refused, or frames that come late", () => {
    assert.equal(isCarried(roundWith({ lostPackets: 1 })), false);
    assert.equal(isCarried(roundWith({ framesRefused: 1 })), false);
    assert.equal(isCarried(roundWith({ latencyP99Ms: ADDED_LATENCY_P99_MS })), false);
  });

  it("isn't when nothing came, or nothing could be measured", () => {
    assert.equal(isCarried(roundWith({ forwardedPackets: 0 })), false);
    assert.equal(isCarried(roundWith({ latencyP99Ms: Number.NaN })), false);
  });
});

describe("the capacity", () => {
  it("is the last step that was carried, and the server the limit of the next", () => {
    const capacity = capacityOf([step(200), step(400)], step(600, { lostPackets: 9 }));
    assert.equal(capacity.consumers, 400);
    assert.equal(capacity.packetsPerS, 24_000);
    assert.equal(capacity.limit, "server");
  });

  it("names the generator where that was what failed", () => {
    const failed = step(600, { lostPackets: 9, generator: starved });
    assert.equal(capacityOf([step(400)], failed).limit, "generator");
  });

  it("names no limit where the climb ended before one", () => {
    assert.equal(capacityOf([step(400)], undefined).limit, "none");
  });

  it("is nothing when the first step failed", () => {
    const { consumers, packetsPerS } = capacityOf([], step(100, { lostPackets: 1 }));
    assert.deepEqual({ consumers, packetsPerS }, { consumers: 0, packetsPerS: 0 });
  });
});
