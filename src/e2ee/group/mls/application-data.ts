import type { PrivateMessage } from "ts-mls";
import { createApplicationMessage } from "ts-mls/createMessage.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { processPrivateMessage } from "ts-mls/processMessages.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { refuse } from "../group-error.ts";
import { leafAt } from "./ratchet-tree.ts";
import { reachLeaf } from "./secret-tree.ts";
import type { MlsState } from "./state.ts";
import { messagesOf, wipe, withSecretTree } from "./state.ts";
import type { ReceivedMessage } from "./wire.ts";
import { encodePrivateMessage } from "./wire.ts";

const MIN_PADDED_BYTES = 256;
const PADDING_STEP_BYTES = 4_096;
/** The signature and the fields that are sealed beside the data. */
const SEALED_EXTRA_BYTES = 80;

/** The message, and the state with the sending ratchet moved on. */
export async function sealData(
  state: MlsState,
  data: Uint8Array,
): Promise<{ message: Uint8Array; next: MlsState }> {
  const padUntilLength = paddedLength(data.length + SEALED_EXTRA_BYTES);
  const paddingConfig = { kind: "padUntilLength", padUntilLength } as const;
  const padding = { ...state, clientConfig: { ...state.clientConfig, paddingConfig } };
  const { suite, ratchetTree, privatePath, groupContext } = state;
  await reachLeaf(suite, state, privatePath.leafIndex, ratchetTree.length);
  const { newState, privateMessage, consumed } = await createApplicationMessage(
    padding,
    data,
    suite,
  );
  wipe(consumed);
  const next = withSecretTree(state, groupContext.epoch, newState.secretTree);
  return { message: encodePrivateMessage(privateMessage), next };
}

export interface OpenedData {
  readonly data: Uint8Array;
  /** The signature key of the sender's leaf in the message's epoch, with which it was checked. */
  readonly senderKey: Uint8Array;
  /** The state with the sender's ratchet moved on. */
  readonly next: MlsState;
}

/** Opens a message of this epoch or a kept one. Throws the library's errors, and `refused`. */
export async function openData(state: MlsState, { message }: ReceivedMessage): Promise<OpenedData> {
  const senderKey = await findSender(state, message);
  const result = await processPrivateMessage(state, message, emptyPskIndex, state.suite);
  if (result.kind !== "applicationMessage") refuse("not an application message");
  wipe(result.consumed);
  const { newState } = result;
  const isPresent = newState.groupContext.epoch === message.epoch;
  const { secretTree } = isPresent
    ? newState
    : (newState.historicalReceiverData.get(message.epoch) ?? newState);
  const next = withSecretTree(state, message.epoch, secretTree);
  return { data: result.message, senderKey, next };
}

/**
 * The key of the sender's leaf, whose ratchet is made ready. The library checks the signature with
 * this very key, but does not say whose it was.
 */
async function findSender(state: MlsState, message: PrivateMessage): Promise<Uint8Array> {
  const messages = messagesOf(state, message.epoch);
  if (messages === undefined) refuse("the message's epoch is not kept");
  const { ratchetTree, senderDataSecret } = messages;
  const sender = await decryptSenderData(message, senderDataSecret, state.suite);
  if (sender === undefined) refuse("the message's sender is not to be read");
  const leaf = leafAt(ratchetTree, sender.leafIndex);
  if (leaf === undefined) refuse("the message's sender is not in the tree");
  await reachLeaf(state.suite, messages, sender.leafIndex, ratchetTree.length);
  return leaf.signaturePublicKey;
}

/** MLS-Exporter (RFC 9420 section 8.5) with an empty context. */
export async function exportSecret(
  state: MlsState,
  label: string,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { exporterSecret } = state.keySchedule;
  return mlsExporter(exporterSecret, label, new Uint8Array(), lengthBytes, state.suite);
}

/** Powers of two up to 4 KiB, then steps of that, so that a length tells little of the content. */
function paddedLength(length: number): number {
  let padded = MIN_PADDED_BYTES;
  while (padded < length) padded += Math.min(padded, PADDING_STEP_BYTES);
  return padded;
}
