import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadConfig } from "../../../src/config/index.ts";
import { signalingOptions } from "../../../src/server/signaling-options.ts";
import { resolveSfuOptions } from "../../../src/sfu/sfu-options.ts";
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
    const own = resolveSfuOptions({ listen: [{ ip: "127.0.0.1" }], port: 0 });
    assert.deepEqual(sameNames(config.sfu, own.limits), own.limits);
    assert.deepEqual(sameNames(config.sfu, own.rates), own.rates);
    assert.equal(config.sfu.spreadThreshold, own.spreadThreshold);
  });
  it("turn", () => {
    assert.deepEqual(sameNames(config.turn, defaultTurnLimits), defaultTurnLimits);
  });
});
