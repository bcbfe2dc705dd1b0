import type { PrivateMessage } from "ts-mls";
import type { KeyRetentionConfig } from "ts-mls/keyRetentionConfig.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { protectApplicationData, unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { refuse } from "../group-error.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { leafAt } from "./ratchet-tree.ts";
import { reachLeaf } from "./secret-tree.ts";
import type { MessageEpoch, MlsState } from "./state.ts";
import { messagesOf, wipe, withSecretTree } from "./state.ts";
import type { ReceivedMessage } from "./wire.ts";
import { encodePrivateMessage } from "./wire.ts";

/** How far a sender's messages may overtake each other, and how many may be missing. */
const TOLERANCE: KeyRetentionConfig = {
  retainKeysForEpochs: 4,
  retainKeysForGenerations: 16,
  maximumForwardRatchetSteps: 200,
};
const NO_DATA = new Uint8Array();
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
  const { suite, ratchetTree, privatePath, groupContext } = state;
  await reachLeaf(suite, state, privatePath.leafIndex, ratchetTree.length);
  const { newSecretTree, privateMessage, consumed } = await protectApplicationData(
    state.signaturePrivateKey,
    state.keySchedule.senderDataSecret,
    data,
    NO_DATA,
    groupContext,
    state.secretTree,
    privatePath.leafIndex,
    paddingConfig,
    suite,
  );
  wipe(consumed);
  const next = withSecretTree(state, groupContext.epoch, newSecretTree);
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
  const { suite } = state;
  const messages = messagesOf(state, message.epoch);
  if (messages === undefined) refuse("the message's epoch is not kept");
  const senderKey = await findSender(suite, messages, message);
  const { content, tree, consumed } = await unprotectPrivateMessage(
    messages.senderDataSecret,
    message,
    messages.secretTree,
    messages.ratchetTree,
    messages.groupContext,
    TOLERANCE,
    suite,
  );
  if (content.content.contentType !== "application") refuse("not an application message");
  wipe(consumed);
  const next = withSecretTree(state, message.epoch, tree);
  return { data: content.content.applicationData, senderKey, next };
}

/**
 * The key of the sender's leaf, whose ratchet is made ready. The library checks the signature with
 * this very key, but does not say whose it was.
 */
async function findSender(
  suite: CipherSuite,
  messages: MessageEpoch,
  message: PrivateMessage,
): Promise<Uint8Array> {
  const { ratchetTree, senderDataSecret } = messages;
  const sender = await decryptSenderData(message, senderDataSecret, suite);
  if (sender === undefined) refuse("the message's sender is not to be read");
  const leaf = leafAt(ratchetTree, sender.leafIndex);
  if (leaf === undefined) refuse("the message's sender is not in the tree");
  await reachLeaf(suite, messages, sender.leafIndex, ratchetTree.length);
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
