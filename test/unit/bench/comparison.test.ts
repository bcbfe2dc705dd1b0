import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  cpuUsPerPacket,
  GENERATOR_LIMITS,
  isSound,
  median,
  medianRatio,
  soundPairs,
} from "../../../bench/sfu/comparison.ts";
import { roundWith } from "./round-lab.ts";

const health = { delayP99Ms: 1, runQueueShare: 0.01, cpuShare: 0.2 };

describe("median", () => {
  it("is the one in the middle, in whatever order they came", () => {
    assert.equal(median([10, 2, 9]), 9);
  });

  it("is the mean of the two in the middle of an even number", () => {
    assert.equal(median([1, 100, 3, 2]), 2.5);
  });

  it("is nothing of nothing", () => {
    assert.ok(Number.isNaN(median([])));
  });
});

describe("the CPU of a packet", () => {
  it("counts all processes of a server, and only packets that arrived", () => {
    const round = roundWith({ mediaCpuUs: 90, controlCpuUs: 10, forwardedPackets: 20 });
    assert.equal(cpuUsPerPacket(round), 5);
  });
});

describe("the ratio of pairs", () => {
  const pair = (ourUs: number, theirUs: number) => ({
    ours: roundWith({ mediaCpuUs: ourUs, forwardedPackets: 1 }),
    theirs: roundWith({ mediaCpuUs: theirUs, forwardedPackets: 1 }),
  });

  it("is taken within each pair, so that what burdened both halves cancels out", () => {
    // The machine was not always as fast: the medians of each side would say 4.4.
    assert.equal(medianRatio([pair(10, 22), pair(40, 88), pair(20, 88)], cpuUsPerPacket), 2.2);
  });

  it("is theirs divided by ours", () => {
    assert.equal(medianRatio([pair(5, 15)], cpuUsPerPacket), 3);
  });
});

describe("whether a round counts", () => {
  it("takes a generator that kept up, to the limits themselves", () => {
    assert.ok(isSound(roundWith({})));
    assert.ok(isSound(roundWith({ generator: { ...health, ...GENERATOR_LIMITS } })));
  });

  it("doesn't take one that sent or received late, or was kept from its core", () => {
    const late = { ...health, delayP99Ms: GENERATOR_LIMITS.delayP99Ms + 0.1 };
    const starved = { ...health, runQueueShare: GENERATOR_LIMITS.runQueueShare + 0.01 };
    assert.equal(isSound(roundWith({ generator: late })), false);
    assert.equal(isSound(roundWith({ generator: starved })), false);
  });

  it("takes a pair only when both halves count", () => {
    const bad = roundWith({ generator: { ...health, runQueueShare: 0.5 } });
    const good = roundWith({});
    const whole = { ours: good, theirs: good };
    const pairs = [whole, { ours: bad, theirs: good }, { ours: good, theirs: bad }];
    assert.deepEqual(soundPairs(pairs), [whole]);
  });
});
