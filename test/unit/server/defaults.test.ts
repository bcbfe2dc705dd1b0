import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadConfig } from "../../../src/config/index.ts";
import { signalingOptions } from "../../../src/server/signaling-options.ts";
import {
  DEFAULT_SFU_LIMITS,
  DEFAULT_SFU_RATES,
  DEFAULT_SPREAD_THRESHOLD,
} from "../../../src/sfu/sfu-options.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { defaultTurnLimits } from "../../../src/turn/turn-options.ts";

const config = loadConfig({ flags: [], environment: {}, workingDirectory: "/" });

/** What `config` says under the names that `defaults` has. */
function sameNames(section: object, defaults: object): unknown {
  const values = new Map<string, unknown>(Object.entries(section));
  return Object.fromEntries(Object.keys(defaults).map((name) => [name, values.get(name)]));
}

describe("the documented defaults are those of the part itself", () => {
  it("signaling", () => {
    assert.deepEqual(signalingOptions(config), DEFAULT_SIGNALING_OPTIONS);
  });
  it("sfu", () => {
    assert.deepEqual(sameNames(config.sfu, DEFAULT_SFU_LIMITS), DEFAULT_SFU_LIMITS);
    assert.deepEqual(sameNames(config.sfu, DEFAULT_SFU_RATES), DEFAULT_SFU_RATES);
    assert.equal(config.sfu.spreadThreshold, DEFAULT_SPREAD_THRESHOLD);
  });
  it("turn", () => {
    assert.deepEqual(sameNames(config.turn, defaultTurnLimits), defaultTurnLimits);
  });
});
