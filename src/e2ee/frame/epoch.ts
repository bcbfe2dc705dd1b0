import type { MediaSource } from "../../protocol/media.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import type { EpochKeys } from "./epoch-keys.ts";
import { createFrameCipher } from "./frame-cipher.ts";
import { FrameError } from "./frame-error.ts";
import { encodeKeyId, EPOCH_RESIDUES, MAX_LEAF_INDEX } from "./key-id.ts";
import { LazyCipher } from "./lazy-cipher.ts";
import { contextOf } from "./media-source.ts";
import { fingerprintOf } from "./spent-keys.ts";
import { ReceivingStream, SendingStream } from "./streams.ts";

/**
 * The keys of one epoch. Each stream's key is derived when it is first needed and kept until the
 * epoch is wiped, so there are at most as many as there are leaves times sources.
 */
export class Epoch {
  readonly number: number;
  readonly fingerprint: string;
  readonly #suite: CipherSuite;
  readonly #baseKey: Uint8Array;
  readonly #ownLeafIndex: number;
  readonly #ownerOfLeaf: ReadonlyMap<number, string>;
  readonly #participants: ReadonlySet<string>;
  readonly #sending = new Map<MediaSource, SendingStream>();
  /** By context and leaf, each stream with a number of its own. */
  readonly #receiving = new Map<number, ReceivingStream>();
  #wiped = false;

  /** Takes a copy of the base key; the caller may wipe its own. */
  constructor(suite: CipherSuite, keys: EpochKeys) {
    this.number = keys.epoch;
    this.fingerprint = fingerprintOf(keys);
    this.#suite = suite;
    this.#baseKey = Uint8Array.from(keys.baseKey);
    this.#ownLeafIndex = keys.ownLeafIndex;
    this.#ownerOfLeaf = new Map(keys.leaves.map((leaf) => [leaf.leafIndex, leaf.participantId]));
    this.#participants = new Set(this.#ownerOfLeaf.values());
  }

  get residue(): number {
    return this.number % EPOCH_RESIDUES;
  }

  ownerOf(leafIndex: number): string | undefined {
    return this.#ownerOfLeaf.get(leafIndex);
  }

  hasParticipant(participantId: string): boolean {
    return this.#participants.has(participantId);
  }

  /** The one sending state of this source in this epoch. Throws `wiped` after `wipe`. */
  sendingStream(source: MediaSource): SendingStream {
    const known = this.#sending.get(source);
    if (known !== undefined) return known;
    const keyId = encodeKeyId(contextOf(source), this.#ownLeafIndex, this.number);
    const stream = new SendingStream(keyId, this.#createCipher(keyId));
    this.#sending.set(source, stream);
    return stream;
  }

  /** Throws `wiped` after `wipe`. */
  receivingStream(source: MediaSource, leafIndex: number): ReceivingStream {
    const context = contextOf(source);
    const number = context * (MAX_LEAF_INDEX + 1) + leafIndex;
    const known = this.#receiving.get(number);
    if (known !== undefined) return known;
    const keyId = encodeKeyId(context, leafIndex, this.number);
    const stream = new ReceivingStream(this.#createCipher(keyId));
    this.#receiving.set(number, stream);
    return stream;
  }

  /** Forgets every key of the epoch, once. */
  wipe(): void {
    if (this.#wiped) return;
    this.#wiped = true;
    this.#baseKey.fill(0);
    for (const { cipher } of this.#sending.values()) cipher.wipe();
    for (const { cipher } of this.#receiving.values()) cipher.wipe();
    this.#sending.clear();
    this.#receiving.clear();
  }

  #createCipher(keyId: number): LazyCipher {
    if (this.#wiped) throw new FrameError("wiped", "the epoch is over");
    return new LazyCipher(createFrameCipher(this.#suite, BigInt(keyId), this.#baseKey));
  }
}
