import type { EpochKeys } from "../../src/e2ee/frame/index.ts";
import { EPOCH_RESIDUES } from "../../src/e2ee/frame/key-id.ts";
import { MAX_OLD_EPOCHS } from "../../src/e2ee/frame/keyring.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Scope } from "../../src/lib/scope.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
import type { MediaEngine, ReceivingKey } from "../engine/media-engine.ts";
import type { FrameKeys } from "./frame-keys.ts";

/** Whose stream a participant wants to open. */
export interface WantedStream {
  readonly from: string;
  readonly source: MediaSource;
}

/** As long as clients keep old epochs, see docs/e2ee-frames.md. */
const OLD_EPOCH_LIFETIME_MS = 10_000;

/** Hands an engine the keys of one participant's epochs: those of the streams that it needs. */
export class KeyDelivery {
  readonly #engine: MediaEngine;
  readonly #participant: string;
  readonly #frameKeys: FrameKeys;
  readonly #sources: readonly MediaSource[];
  readonly #onError: (error: unknown) => void;
  readonly #scope = new Scope("key delivery", systemClock);
  readonly #wanted = new Map<string, WantedStream>();
  /** By residue, so that a key id never stands for two of them. */
  readonly #epochs = new Map<number, EpochKeys>();
  #current: EpochKeys | undefined;

  constructor(options: {
    readonly engine: MediaEngine;
    readonly participant: string;
    readonly frameKeys: FrameKeys;
    readonly sources: readonly MediaSource[];
    readonly onError: (error: unknown) => void;
  }) {
    this.#engine = options.engine;
    this.#participant = options.participant;
    this.#frameKeys = options.frameKeys;
    this.#sources = options.sources;
    this.#onError = options.onError;
  }

  /** Seals with this epoch from now on; the one before opens for a while. */
  setEpoch(keys: EpochKeys): void {
    const previous = this.#current;
    this.#current = keys;
    this.#epochs.set(keys.epoch % EPOCH_RESIDUES, keys);
    // Else a frame of an epoch that isn't known yet would be taken for one of an old epoch.
    for (const old of this.#epochs.values()) {
      if (keys.epoch - old.epoch > MAX_OLD_EPOCHS) this.#retire(old);
    }
    this.#forgetShutOut(keys);
    this.#deliver({
      sending: this.#sources.map((source) => this.#frameKeys.of(keys, keys.ownLeafIndex, source)),
      receiving: this.#receivingKeys(keys, [...this.#wanted.values()]),
    });
    if (previous !== undefined && previous !== keys) {
      this.#scope.after(OLD_EPOCH_LIFETIME_MS, () => {
        this.#retire(previous);
      });
    }
  }

  want(stream: WantedStream): void {
    this.#wanted.set(nameOf(stream), stream);
    const epochs = [...this.#epochs.values()];
    const receiving = epochs.flatMap((keys) => this.#receivingKeys(keys, [stream]));
    if (receiving.length > 0) this.#deliver({ sending: [], receiving });
  }

  unwant(stream: WantedStream): void {
    this.#wanted.delete(nameOf(stream));
  }

  close(): void {
    this.#scope.end("closed");
  }

  #receivingKeys(keys: EpochKeys, streams: readonly WantedStream[]): ReceivingKey[] {
    const leafOf = new Map(keys.leaves.map((leaf) => [leaf.participantId, leaf.leafIndex]));
    return streams.flatMap(({ from, source }) => {
      const leafIndex = leafOf.get(from);
      if (leafIndex === undefined) return [];
      return [{ ...this.#frameKeys.of(keys, leafIndex, source), from }];
    });
  }

  /** Who is not in the epoch any more is not heard by the keys of an old one either. */
  #forgetShutOut(keys: EpochKeys): void {
    const members = new Set(keys.leaves.map(({ participantId }) => participantId));
    const gone = [...this.#wanted.values()].filter(({ from }) => !members.has(from));
    if (gone.length === 0) return;
    const keyIds = [...this.#epochs.values()]
      .flatMap((epoch) => this.#receivingKeys(epoch, gone))
      .map(({ keyId }) => keyId);
    this.#forget(keyIds);
  }

  #retire(keys: EpochKeys): void {
    const residue = keys.epoch % EPOCH_RESIDUES;
    if (this.#epochs.get(residue) !== keys) return;
    this.#epochs.delete(residue);
    this.#forget(this.#receivingKeys(keys, [...this.#wanted.values()]).map(({ keyId }) => keyId));
  }

  #forget(keyIds: readonly number[]): void {
    if (keyIds.length === 0) return;
    this.#engine
      .request("keys:forget", { participant: this.#participant, keyIds })
      .catch(this.#onError);
  }

  #deliver(keys: {
    readonly sending: readonly ReturnType<FrameKeys["of"]>[];
    readonly receiving: readonly ReceivingKey[];
  }): void {
    this.#engine
      .request("keys:set", { participant: this.#participant, ...keys })
      .catch(this.#onError);
  }
}

function nameOf({ from, source }: WantedStream): string {
  return `${from} ${source}`;
}
