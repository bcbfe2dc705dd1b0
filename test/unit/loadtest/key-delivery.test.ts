import assert from "node:assert/strict";
import { it } from "node:test";
import type {
  EngineCommandName,
  EngineCommands,
  EngineEvents,
  MediaEngine,
} from "../../../loadtest/engine/media-engine.ts";
import { FrameKeys } from "../../../loadtest/participant/frame-keys.ts";
import { KeyDelivery } from "../../../loadtest/participant/key-delivery.ts";
import { EPOCH_RESIDUES } from "../../../src/e2ee/frame/key-id.ts";
import { Emitter } from "../../../src/lib/emitter.ts";

const FROM = "speaker";
const LEAVES = [
  { participantId: FROM, leafIndex: 0 },
  { participantId: "listener", leafIndex: 1 },
];

/** Holds the key ids that a participant would open by. */
class KeyHolder implements MediaEngine {
  readonly events = new Emitter<EngineEvents>();
  readonly held = new Set<number>();

  request<Name extends EngineCommandName>(
    _name: Name,
    input: EngineCommands[Name]["input"],
  ): Promise<EngineCommands[Name]["output"]> {
    if ("receiving" in input) for (const { keyId } of input.receiving) this.held.add(keyId);
    if ("keyIds" in input) for (const keyId of input.keyIds) this.held.delete(keyId);
    return new Promise(() => {});
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

it("lets no key of an old epoch stand for one that is still to come", (test) => {
  const engine = new KeyHolder();
  const frameKeys = new FrameKeys();
  const delivery = new KeyDelivery({
    engine,
    participant: "listener",
    frameKeys,
    sources: ["microphone"],
    onError: assert.ifError,
  });
  test.after(() => {
    delivery.close();
  });
  delivery.want({ from: FROM, source: "microphone" });
  const keysOf = (epoch: number) => ({
    epoch,
    baseKey: new Uint8Array(32).fill(epoch),
    ownLeafIndex: 1,
    leaves: LEAVES,
  });
  const last = 3 * EPOCH_RESIDUES;
  for (let epoch = 1; epoch <= last; epoch += 1) delivery.setEpoch(keysOf(epoch));
  const isHeld = (epoch: number) =>
    engine.held.has(frameKeys.of(keysOf(epoch), 0, "microphone").keyId);
  assert.deepEqual([last, last - 1, last - 8].map(isHeld), [true, true, true]);
  assert.deepEqual([last + 1, last + 2, last + 7].map(isHeld), [false, false, false]);
});
