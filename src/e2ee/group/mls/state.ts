import type { ClientState, GroupContext, KeySchedule } from "ts-mls";
import type { EpochReceiverData } from "ts-mls/epochReceiverData.js";
import type { SecretTree } from "ts-mls/secretTree.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { MessageSecrets } from "./secret-tree.ts";
import { allSecrets } from "./secret-tree.ts";

/** What late messages of an epoch that is over need. */
export interface PastEpoch extends EpochReceiverData, MessageSecrets {
  secretTree: SecretTree;
}

/** The library's state of one group at one epoch, immutable but for `unreached`. */
export interface MlsState extends ClientState, MessageSecrets {
  readonly suite: CipherSuite;
  secretTree: SecretTree;
  historicalReceiverData: Map<bigint, PastEpoch>;
}

export function epochOf(state: { readonly groupContext: GroupContext }): number {
  return Number(state.groupContext.epoch);
}

/** Epochs before the present one whose late messages still open. */
const PAST_EPOCHS = 4;

/**
 * What the next epoch's state keeps for late messages of `state`'s epoch and those before it. There
 * are no pre-shared keys here, so that no resumption secret has to outlive its epoch.
 */
export function pastWith(state: MlsState): MlsState["historicalReceiverData"] {
  const { secretTree, unreached, ratchetTree, keySchedule, groupContext } = state;
  const { senderDataSecret } = keySchedule;
  const resumptionPsk = new Uint8Array();
  const messages = { secretTree, unreached, senderDataSecret };
  const ended = { ...messages, ratchetTree, groupContext, resumptionPsk };
  const past = [...state.historicalReceiverData, [groupContext.epoch, ended] as const];
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
  const past = state.historicalReceiverData.get(epoch);
  if (past === undefined) return state;
  const historicalReceiverData = new Map(state.historicalReceiverData);
  historicalReceiverData.set(epoch, { ...past, secretTree });
  return { ...state, historicalReceiverData };
}

/** What opens the messages of `epoch`, the present or a past one. */
export function messagesOf(
  state: MlsState,
  epoch: bigint,
): (MessageSecrets & Pick<PastEpoch, "ratchetTree" | "senderDataSecret">) | undefined {
  if (state.groupContext.epoch !== epoch) return state.historicalReceiverData.get(epoch);
  return { ...state, senderDataSecret: state.keySchedule.senderDataSecret };
}

/**
 * Overwrites what `old` holds and `next` doesn't need: an old epoch's secrets must not outlive it.
 * Late messages of the old epoch still open, so what they need stays.
 */
export function retire(old: MlsState, next: MlsState): void {
  const { senderDataSecret: _, ...secrets } = old.keySchedule;
  wipe(Object.values(secrets));
  wipeKeysNotIn(old, next);
  for (const [epoch, past] of old.historicalReceiverData) {
    if (next.historicalReceiverData.has(epoch)) continue;
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
  for (const past of state.historicalReceiverData.values()) {
    wipe([past.senderDataSecret, ...allSecrets(past)]);
  }
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
