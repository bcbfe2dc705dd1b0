import { DEFAULT_CIPHER_SUITE } from "../../src/e2ee/frame/index.ts";
import type { EpochKeys } from "../../src/e2ee/frame/index.ts";
import { encodeKeyId } from "../../src/e2ee/frame/key-id.ts";
import { deriveFrameSecrets } from "../../src/e2ee/frame/key-schedule.ts";
import { contextOf } from "../../src/e2ee/frame/media-source.ts";
import { toBase64Url } from "../../src/lib/base64url.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
import type { FrameKey } from "../engine/media-engine.ts";

/** Base keys whose derived keys are remembered: epochs of all rooms of this process. */
const REMEMBERED = 512;
const SUITE = 5;

/**
 * The keys of streams, derived once for all participants of this process that hold the same base
 * key. Each of them has to come by that base key through its own group.
 */
export class FrameKeys {
  readonly #byBaseKey = new Map<string, Map<number, FrameKey>>();

  of({ baseKey, epoch }: EpochKeys, leafIndex: number, source: MediaSource): FrameKey {
    const keyId = encodeKeyId(contextOf(source), leafIndex, epoch);
    const known = this.#keysOf(toBase64Url(baseKey));
    const found = known.get(keyId);
    if (found !== undefined) return found;
    const { key, salt } = deriveFrameSecrets(DEFAULT_CIPHER_SUITE, keyId, baseKey);
    const derived: FrameKey = {
      keyId,
      suite: SUITE,
      key: toBase64Url(key),
      salt: toBase64Url(salt),
      source,
    };
    known.set(keyId, derived);
    return derived;
  }

  #keysOf(baseKey: string): Map<number, FrameKey> {
    const known = this.#byBaseKey.get(baseKey) ?? new Map<number, FrameKey>();
    // The one used last stands at the end.
    this.#byBaseKey.delete(baseKey);
    this.#byBaseKey.set(baseKey, known);
    if (this.#byBaseKey.size > REMEMBERED) {
      const [oldest] = this.#byBaseKey.keys();
      if (oldest !== undefined) this.#byBaseKey.delete(oldest);
    }
    return known;
  }
}
