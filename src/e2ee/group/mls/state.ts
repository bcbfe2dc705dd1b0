import type { GroupContext, KeySchedule } from "ts-mls";
import type { SecretTree } from "ts-mls/secretTree.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { NodeKeys } from "./path-secrets.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import type { MessageSecrets } from "./secret-tree.ts";
import { allSecrets } from "./secret-tree.ts";

/** What messages of an epoch are opened with. */
export interface MessageEpoch extends MessageSecrets {
  readonly groupContext: GroupContext;
  readonly ratchetTree: RatchetTree;
  readonly senderDataSecret: Uint8Array;
}

/** One member's view of a group at one epoch, immutable but for `unreached`. */
export interface MlsState extends MessageSecrets {
  readonly suite: CipherSuite;
  readonly groupContext: GroupContext;
  readonly ratchetTree: RatchetTree;
  readonly keySchedule: KeySchedule;
  readonly confirmationTag: Uint8Array;
  /** The own leaf, and the keys of it and of the nodes above it that this member knows. */
  readonly privatePath: { readonly leafIndex: number; readonly privateKeys: NodeKeys };
  readonly signaturePrivateKey: Uint8Array;
  /** By epoch, for late messages. */
  readonly past: ReadonlyMap<bigint, MessageEpoch>;
}

export function epochOf(state: { readonly groupContext: GroupContext }): number {
  return Number(state.groupContext.epoch);
}

/** Epochs before the present one whose late messages still open. */
const PAST_EPOCHS = 4;

/** What the next epoch's state keeps for late messages of `state`'s epoch and those before it. */
export function pastWith(state: MlsState): MlsState["past"] {
  const { epoch } = state.groupContext;
  const past = [...state.past, [epoch, presentMessages(state)] as const];
  return new Map(past.slice(-PAST_EPOCHS));
}

/** `state` with the message ratchets of `epoch` moved on, if it keeps those at all. */
export function withSecretTree(
  state: MlsState,
  epoch: bigint,
  secretTree: SecretTree | undefined,
): MlsState {
  if (secretTree === undefined) return state;
  if (state.groupContext.epoch === epoch) return { ...state, secretTree };
  const ended = state.past.get(epoch);
  if (ended === undefined) return state;
  return { ...state, past: new Map(state.past).set(epoch, { ...ended, secretTree }) };
}

/** What opens the messages of `epoch`, the present or a past one. */
export function messagesOf(state: MlsState, epoch: bigint): MessageEpoch | undefined {
  return state.groupContext.epoch === epoch ? presentMessages(state) : state.past.get(epoch);
}

/**
 * Overwrites what `old` holds and `next` doesn't need: an old epoch's secrets must not outlive it.
 * Late messages of the old epoch still open, so what they need stays.
 */
export function retire(old: MlsState, next: MlsState): void {
  const { senderDataSecret: _, ...secrets } = old.keySchedule;
  wipe(Object.values(secrets));
  wipeKeysNotIn(old, next);
  for (const [epoch, past] of old.past) {
    if (next.past.has(epoch)) continue;
    wipe([past.senderDataSecret, ...allSecrets(past)]);
  }
}

/** Overwrites what `next` holds beyond `base`: it was prepared and will not be. */
export function discard(next: MlsState, base: MlsState): void {
  wipeSchedule(next.keySchedule);
  wipe(allSecrets(next));
  wipeKeysNotIn(next, base);
}

/** Overwrites every secret of a group that is over. */
export function wipeState(state: MlsState): void {
  wipeSchedule(state.keySchedule);
  wipe(allSecrets(state));
  wipe(Object.values(state.privatePath.privateKeys));
  wipe([state.signaturePrivateKey]);
  for (const past of state.past.values()) {
    wipe([past.senderDataSecret, ...allSecrets(past)]);
  }
}

function presentMessages(state: MlsState): MessageEpoch {
  const { secretTree, unreached, ratchetTree, keySchedule, groupContext } = state;
  const { senderDataSecret } = keySchedule;
  return { secretTree, unreached, senderDataSecret, ratchetTree, groupContext };
}

function wipeSchedule(schedule: KeySchedule): void {
  wipe(Object.values(schedule));
}

function wipeKeysNotIn(from: MlsState, other: MlsState): void {
  const kept = new Set(Object.values(other.privatePath.privateKeys));
  wipe(Object.values(from.privatePath.privateKeys).filter((key) => !kept.has(key)));
}

/** Overwrites what is not needed any more, as far as JavaScript lets one. */
export function wipe(secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
