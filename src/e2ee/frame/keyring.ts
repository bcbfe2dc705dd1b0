import type { Clock } from "../../lib/clock.ts";
import { systemClock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { DEFAULT_CIPHER_SUITE } from "./cipher-suite.ts";
import type { EpochKeys } from "./epoch-keys.ts";
import { assertEpochKeys } from "./epoch-keys.ts";
import { Epoch } from "./epoch.ts";
import { FrameError } from "./frame-error.ts";
import { EPOCH_RESIDUES } from "./key-id.ts";
import { fingerprintOf, SpentKeys } from "./spent-keys.ts";

export interface KeyringOptions {
  readonly suite?: CipherSuite;
  readonly clock?: Clock;
  /** How long frames of an epoch still open after the next one came. Default 10 000. */
  readonly oldEpochLifetimeMs?: number;
  /** Old epochs kept at most, 1 to 8. Default 8: half of what the key id can tell apart. */
  readonly oldEpochLimit?: number;
}

export interface SetEpochOptions {
  /**
   * True for keys that somebody may have sent with before: those of a group that was restored
   * from storage. Frames open, but none is sealed until the next epoch.
   */
  readonly receiveOnly?: boolean;
  /**
   * How long to go on sealing with the previous epoch, so that slow receivers can follow. It
   * must be 0, the default, when the new epoch shuts somebody out.
   */
  readonly sendAfterMs?: number;
}

interface KeyringEvents {
  "epoch:added": Epoch;
}

export const MAX_OLD_EPOCHS = EPOCH_RESIDUES / 2;
const MAX_LIFETIME_MS = 60_000;

/**
 * The epochs whose frames can be opened, and the one to seal with.
 *
 * Why a counter can never repeat: a base key enters one `Epoch` only (`SpentKeys` remembers all
 * that ever did), each epoch has one `SendingStream` for each source, and that gives each counter
 * once. Whoever runs several keyrings after another, as the host of a worker does, must let only
 * the first of them send with a base key, and pass `receiveOnly` to the others.
 */
export class Keyring {
  readonly events = new Emitter<KeyringEvents>();
  readonly #suite: CipherSuite;
  readonly #clock: Clock;
  readonly #oldEpochLifetimeMs: number;
  readonly #oldEpochLimit: number;
  readonly #scope: Scope;
  readonly #spentKeys = new SpentKeys();
  /** By residue, oldest first. */
  readonly #epochs = new Map<number, Epoch>();
  #current: Epoch | undefined;
  #sending: Epoch | undefined;
  /** The epoch that `#sending` gives way to when the delay is over. */
  #sendingNext: Epoch | undefined;
  #cancelSwitch: () => void = () => {};
  /** The epoch in which this client came into the group, and when; see `isBeforeEntry`. */
  #entry: { readonly number: number; readonly atMs: number } | undefined;

  constructor(options: KeyringOptions = {}) {
    this.#suite = options.suite ?? DEFAULT_CIPHER_SUITE;
    this.#clock = options.clock ?? systemClock;
    this.#oldEpochLifetimeMs = options.oldEpochLifetimeMs ?? 10_000;
    this.#oldEpochLimit = options.oldEpochLimit ?? MAX_OLD_EPOCHS;
    this.#scope = new Scope("keyring", this.#clock);
    assertRange("oldEpochLifetimeMs", this.#oldEpochLifetimeMs, 0, MAX_LIFETIME_MS);
    assertRange("oldEpochLimit", this.#oldEpochLimit, 1, MAX_OLD_EPOCHS);
  }

  /** The newest epoch: who is not in it has no part in the call. */
  get current(): Epoch | undefined {
    return this.#current;
  }

  /** The epoch to seal with, if there is one. */
  get sending(): Epoch | undefined {
    return this.#sending;
  }

  get epochCount(): number {
    return this.#epochs.size;
  }

  epochWithResidue(residue: number): Epoch | undefined {
    return this.#epochs.get(residue);
  }

  /**
   * True for an epoch that is not known because it was over when this client came: others may go
   * on sealing with it for a while, and nobody outside of it is meant to open that.
   *
   * The key id tells 16 epochs apart, so it is taken for the one that lies nearest: before the
   * entry rather than after the current one. Only for as long as an old epoch lives: somebody who
   * seals with an unknown epoch later than that is in trouble, or this client is.
   */
  isBeforeEntry(residue: number): boolean {
    if (this.#entry === undefined || this.#current === undefined) return false;
    if (this.#clock.now() >= this.#entry.atMs + this.#oldEpochLifetimeMs) return false;
    const behind = stepsBetween(residue, this.#entry.number);
    const ahead = stepsBetween(this.#current.residue, residue);
    return behind > 0 && behind < ahead;
  }

  /**
   * True for an epoch that is not known and lies nearer behind the current one than ahead of it, as
   * far as 16 epochs can be told apart.
   */
  isBehind(residue: number): boolean {
    if (this.#current === undefined) return false;
    const { residue: current } = this.#current;
    return stepsBetween(residue, current) < stepsBetween(current, residue);
  }

  /**
   * Makes an epoch the current one; the previous ones go on opening frames for their lifetime.
   * Epochs need not be numbered in order: a group that was re-made counts from zero again.
   * Setting the current keys again changes nothing. Throws `bad-argument`, also for keys of an
   * epoch that was replaced before, and `ClosedError`.
   */
  setEpoch(keys: EpochKeys, options: SetEpochOptions = {}): void {
    this.#scope.assertOpen();
    assertEpochKeys(keys, this.#suite);
    const sendAfterMs = options.sendAfterMs ?? 0;
    assertRange("sendAfterMs", sendAfterMs, 0, this.#oldEpochLifetimeMs);
    if (this.#current?.fingerprint === fingerprintOf(keys)) return;
    if (this.#spentKeys.has(keys)) {
      throw new FrameError("bad-argument", "an epoch that is over cannot come back");
    }
    this.#spentKeys.add(keys);
    const previous = this.#current;
    const epoch = new Epoch(this.#suite, keys);
    // A gap before it means that this client was outside of the group meanwhile.
    if (epoch.number !== (previous?.number ?? Number.NaN) + 1) {
      this.#entry = { number: epoch.number, atMs: this.#clock.now() };
    }
    this.#drop(this.#epochs.get(epoch.residue));
    this.#epochs.set(epoch.residue, epoch);
    this.#current = epoch;
    this.#switchSending(options.receiveOnly === true ? undefined : epoch, sendAfterMs);
    this.#retire(previous, sendAfterMs);
    this.events.emit("epoch:added", epoch);
  }

  /** Wipes every key. Nothing can be sealed or opened afterwards. */
  close(reason: string): void {
    if (!this.#scope.end(reason)) return;
    for (const epoch of this.#epochs.values()) epoch.wipe();
    this.#epochs.clear();
    this.#current = undefined;
    this.#entry = undefined;
    this.#sending = undefined;
    this.#sendingNext = undefined;
    this.events.removeAllListeners();
  }

  #switchSending(next: Epoch | undefined, delayMs: number): void {
    this.#cancelSwitch();
    this.#cancelSwitch = () => {};
    this.#sendingNext = next;
    if (delayMs === 0 || next === undefined || this.#sending === undefined) {
      this.#sending = next;
      return;
    }
    this.#cancelSwitch = this.#scope.after(delayMs, () => {
      this.#sending = next;
    });
  }

  #retire(previous: Epoch | undefined, sendAfterMs: number): void {
    if (previous !== undefined) {
      this.#scope.after(this.#oldEpochLifetimeMs + sendAfterMs, () => {
        this.#drop(previous);
      });
    }
    for (const epoch of this.#epochs.values()) {
      if (this.#epochs.size <= this.#oldEpochLimit + 1) return;
      this.#drop(epoch);
    }
  }

  #drop(epoch: Epoch | undefined): void {
    if (epoch === undefined) return;
    if (this.#epochs.get(epoch.residue) === epoch) this.#epochs.delete(epoch.residue);
    if (this.#sending === epoch) this.#sending = this.#sendingNext;
    epoch.wipe();
  }
}

/** How many epochs lie between two, of which the key id tells no more than the residues. */
function stepsBetween(from: number, to: number): number {
  return (((to - from) % EPOCH_RESIDUES) + EPOCH_RESIDUES) % EPOCH_RESIDUES;
}

function assertRange(what: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isFinite(value) || value < minimum || value > maximum) {
    throw new FrameError("bad-argument", `${what} must lie within ${minimum} and ${maximum}`);
  }
}
