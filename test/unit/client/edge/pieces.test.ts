import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isWorthMoving, orderRegions } from "../../../../src/client/edge/region-order.ts";
import { SilenceMeter } from "../../../../src/client/edge/silence-meter.ts";
import { pathOf } from "../../../../src/client/edge/transport-path.ts";
import { region } from "./edge-world.ts";

const at = (reachMs: number | undefined) => ({ reachMs, atMs: 0 });

describe("the order of regions", () => {
  it("has the nearest first, then the unmeasured, the silent, and those that were left", () => {
    const regions = ["left", "silent", "new", "far", "near", "also new"].map(region);
    const reach = new Map([
      ["left", at(1)],
      ["silent", at(undefined)],
      ["far", at(300)],
      ["near", at(20)],
    ]);
    assert.deepEqual(orderRegions(regions, reach, new Set(["left"])), [
      "near",
      "far",
      "new",
      "also new",
      "silent",
      "left",
    ]);
  });

  it("is worth a move for much, not for a trifle", () => {
    assert.equal(isWorthMoving(at(300), at(100)), true);
    assert.equal(isWorthMoving(at(130), at(100)), false);
    assert.equal(isWorthMoving(at(60), at(30)), false);
    assert.equal(isWorthMoving(at(undefined), at(900)), true);
    assert.equal(isWorthMoving(undefined, at(900)), true);
    assert.equal(isWorthMoving(at(300), at(undefined)), false);
    assert.equal(isWorthMoving(undefined, undefined), false);
  });
});

describe("silence", () => {
  const readAll = (...packets: number[]) => {
    const meter = new SilenceMeter();
    for (const count of packets) meter.read(count);
    return meter.silentReadings;
  };

  it("counts after a steady stream", () => {
    assert.equal(readAll(0, 5, 9, 15, 20), 0);
    assert.equal(readAll(0, 5, 9, 15, 20, 20), 1);
    assert.equal(readAll(0, 5, 9, 15, 20, 20, 20, 20), 3);
  });

  it("ends with the next packet, also of another path that counts anew", () => {
    assert.equal(readAll(0, 5, 9, 15, 20, 20, 20, 21), 0);
    assert.equal(readAll(0, 5, 9, 15, 20, 20, 20, 3), 0);
  });

  it("counts after a stream that halted once, as on a busy machine", () => {
    assert.equal(readAll(0, 5, 9, 9, 20, 25, 25, 25, 25), 3);
  });

  it("means nothing where packets come now and then", () => {
    assert.equal(readAll(0, 1, 1, 2, 2, 3, 3, 3, 3, 3), 0);
    assert.equal(readAll(0, 1, 2, 3, 4, 4, 4, 4, 5, 6, 6, 6), 0);
    assert.equal(readAll(0, 0, 0, 0, 0), 0);
  });

  it("begins anew after a reset", () => {
    const meter = new SilenceMeter();
    for (const count of [0, 5, 9, 15, 20, 20]) meter.read(count);
    meter.reset();
    meter.read(20);
    meter.read(20);
    assert.equal(meter.silentReadings, 0);
  });
});

describe("the path of a transport", () => {
  const local = { id: "L", type: "local-candidate", candidateType: "relay", relayProtocol: "tls" };
  const pair = { type: "candidate-pair", localCandidateId: "L", packetsReceived: 7 };

  it("is the pair that the transport has selected, as Chromium says it", () => {
    const report = new Map<string, object>([
      ["P", { ...pair, id: "P", responsesReceived: 2 }],
      ["Q", { ...pair, id: "Q", localCandidateId: "M" }],
      ["L", local],
      ["T", { id: "T", type: "transport", selectedCandidatePairId: "P" }],
    ]);
    assert.deepEqual(pathOf(report), { relayed: true, protocol: "tls", received: 9 });
  });

  it("is the pair that is marked, as Firefox says it", () => {
    const report = new Map<string, object>([
      ["P", { ...pair, id: "P", selected: true }],
      ["L", { id: "L", type: "local-candidate", candidateType: "host", protocol: "udp" }],
    ]);
    assert.deepEqual(pathOf(report), { relayed: false, protocol: "udp", received: 7 });
  });

  it("is not there before one is selected", () => {
    assert.equal(pathOf(new Map([["P", { ...pair, id: "P" }]])), undefined);
    assert.equal(pathOf(new Map()), undefined);
  });
});
