import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { describe, it } from "node:test";
import type { SfuOptions } from "../../../src/sfu/index.ts";
import { DEFAULT_SFU_LIMITS, DEFAULT_SFU_RATES } from "../../../src/sfu/index.ts";
import { resolveSfuOptions } from "../../../src/sfu/sfu-options.ts";

const LOOPBACK: SfuOptions = { listen: [{ ip: "127.0.0.1" }], port: 0 };

describe("resolveSfuOptions", () => {
  it("fills in a worker for each core and the default limits", () => {
    const options = resolveSfuOptions({ ...LOOPBACK, limits: { rooms: 3 } });
    assert.equal(options.workerCount, availableParallelism());
    assert.deepEqual(options.limits, { ...DEFAULT_SFU_LIMITS, rooms: 3 });
    assert.deepEqual(options.rates, DEFAULT_SFU_RATES);
  });

  it("refuses what could not work, and names it", () => {
    const cases: [RegExp, Partial<SfuOptions>][] = [
      [/^RangeError: workerCount/, { workerCount: 0 }],
      [/^RangeError: workerCount/, { workerCount: 1.5 }],
      [/^RangeError: port must/, { port: -1 }],
      [/^RangeError: port 65535/, { port: 65_535, workerCount: 2 }],
      [/^RangeError: spreadThreshold/, { spreadThreshold: Number.NaN }],
      [/^RangeError: limits\.rooms/, { limits: { rooms: 0 } }],
      [/^RangeError: rates\.keyFrameIntervalMs/, { rates: { keyFrameIntervalMs: -1 } }],
      [/^RangeError: listen needs/, { listen: [] }],
      [/^RangeError: listening on 0\.0\.0\.0/, { listen: [{ ip: "0.0.0.0" }] }],
      [/^RangeError: listening on ::/, { listen: [{ ip: "::" }] }],
    ];
    for (const [message, wrong] of cases) {
      assert.throws(() => resolveSfuOptions({ ...LOOPBACK, ...wrong }), message);
    }
    const announced = [{ ip: "0.0.0.0", announcedAddress: "203.0.113.5" }];
    assert.deepEqual(resolveSfuOptions({ ...LOOPBACK, listen: announced }).listen, announced);
  });
});
