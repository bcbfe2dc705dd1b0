import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DecryptionWatch } from "../../../src/client/recovery/decryption-watch.ts";
import type { TransformHost } from "../../../src/e2ee/worker/index.ts";
import { Emitter } from "../../../src/lib/emitter.ts";
import { ManualClock } from "../../support/manual-clock.ts";

type HostEvents = TransformHost["events"] extends Emitter<infer Events> ? Events : never;

function watchOf() {
  const clock = new ManualClock();
  const transforms = { events: new Emitter<HostEvents>() };
  const repairs: boolean[] = [];
  const recovered: string[] = [];
  const told: string[] = [];
  const watch = new DecryptionWatch({
    transforms,
    clock,
    repair: async (anew) => {
      repairs.push(anew);
      await Promise.resolve();
    },
    onRecovered: (participantId, source) => recovered.push(`${participantId} ${source}`),
  });
  watch.events.on("trouble:began", ({ cause }) => told.push(`began ${cause}`));
  watch.events.on("trouble:ended", ({ cause }) => told.push(`ended ${cause}`));
  const member = (participantId: string) => ({
    participantId,
    leafIndex: 0,
    signatureKey: new Uint8Array(32),
  });
  watch.membersChanged([member("ada")]);
  const camera = (participantId: string) =>
    ({ id: "consumer", participantId, source: "camera" }) as const;
  return { clock, transforms, watch, repairs, recovered, told, member, camera };
}

describe("the watch over decryption", () => {
  it("looks for a member's key, and asks for a key frame when the stream opens again", async () => {
    const { clock, transforms, watch, repairs, recovered, told, camera } = watchOf();
    transforms.events.emit("receiver:trouble", { ...camera("ada"), cause: "no-key" });
    assert.equal(watch.troubleOf("ada", "camera"), "no-key");
    clock.advance(1_000);
    assert.equal(watch.stage, "asking");
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2_500);
    assert.equal(watch.stage, "rejoining");
    transforms.events.emit("receiver:recovered", camera("ada"));
    assert.equal(watch.stage, "none");
    assert.equal(watch.troubleOf("ada", "camera"), "none");
    assert.deepEqual(repairs, [false, true]);
    assert.deepEqual(recovered, ["ada camera"]);
    assert.deepEqual(told, ["began no-key", "ended no-key"]);
    assert.deepEqual(watch.stats.repairs, { asked: 1, rejoined: 1, succeeded: 1 });
    const [record] = watch.stats.troubles;
    assert.equal((record?.endedAtMs ?? 0) - (record?.beganAtMs ?? 0), 3_500);
  });

  it("names a sender's old key, and asks in case the own one is the old one", () => {
    const { clock, transforms, watch, told, camera } = watchOf();
    transforms.events.emit("receiver:trouble", { ...camera("ada"), cause: "wrong-epoch" });
    assert.equal(watch.troubleOf("ada", "camera"), "wrong-epoch");
    assert.deepEqual(told, ["began wrong-epoch"]);
    clock.advance(1_000);
    assert.equal(watch.stage, "asking");
  });

  it("does nothing about what no key helps against, or about whoever is no member", () => {
    const { clock, transforms, watch, repairs, camera } = watchOf();
    transforms.events.emit("receiver:trouble", { ...camera("ada"), cause: "tampered" });
    transforms.events.emit("receiver:trouble", { ...camera("ghost"), cause: "no-key" });
    clock.advance(60_000);
    assert.deepEqual(repairs, []);
    assert.equal(watch.troubleOf("ada", "camera"), "tampered");
    assert.equal(watch.troubleOf("ghost", "camera"), "no-key");
  });

  it("begins when somebody with a missing key becomes a member", () => {
    const { clock, transforms, watch, repairs, member, camera } = watchOf();
    transforms.events.emit("receiver:trouble", { ...camera("newcomer"), cause: "no-key" });
    watch.membersChanged([member("ada"), member("newcomer")]);
    clock.advance(1_000);
    assert.deepEqual(repairs, [false]);
  });

  it("forgets a stream that has ended, and keeps a record of it", () => {
    const { clock, transforms, watch, repairs, camera } = watchOf();
    transforms.events.emit("receiver:trouble", { ...camera("ada"), cause: "no-key" });
    watch.streamsChanged([]);
    clock.advance(60_000);
    assert.deepEqual(repairs, []);
    assert.equal(watch.stats.troubles.length, 1);
    watch.close();
    assert.equal(clock.pending, 0);
  });
});
