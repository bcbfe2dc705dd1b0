import type { MLSMessage, PrivateMessage, PublicMessage } from "ts-mls";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import type { ProposalOrRef } from "ts-mls/proposalOrRefType.js";
import type { CommitContent, CommitProposal } from "../commit-policy.ts";
import { equalBytes } from "../equal-bytes.ts";
import { refuse } from "../group-error.ts";
import { GROUP_LIMITS } from "../group-limits.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";
import { viewLeaf } from "./leaf-view.ts";

/** What every message says about where it belongs. Nothing here is authenticated yet. */
export interface Received {
  readonly groupId: Uint8Array;
  readonly epoch: number;
}

export interface ReceivedCommit extends Received {
  readonly content: CommitContent;
  /** For the library. */
  readonly message: PublicMessage;
}

export interface ReceivedMessage extends Received {
  /** For the library. */
  readonly message: PrivateMessage;
}

/** Commits travel as PublicMessage, as external ones have to. Throws `refused`. */
export function decodeCommit(suite: CipherSuite, bytes: Uint8Array): ReceivedCommit {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.commitBytes);
  if (decoded.wireformat !== "mls_public_message") refuse("not a public MLS message");
  const { content } = decoded.publicMessage;
  if (content.contentType !== "commit") refuse("not an MLS commit");
  return {
    groupId: content.groupId,
    epoch: toEpoch(content.epoch),
    content: viewCommit(suite, content),
    message: decoded.publicMessage,
  };
}

/** Only application messages travel as PrivateMessage. Throws `refused`. */
export function decodeMessage(bytes: Uint8Array): ReceivedMessage {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.messageBytes);
  if (decoded.wireformat !== "mls_private_message") refuse("not a private MLS message");
  const message = decoded.privateMessage;
  if (message.contentType !== "application") refuse("not an MLS application message");
  return { groupId: message.groupId, epoch: toEpoch(message.epoch), message };
}

export function encodePublicMessage(publicMessage: PublicMessage): Uint8Array {
  return encodeMlsMessage({
    version: PROTOCOL_VERSION,
    wireformat: "mls_public_message",
    publicMessage,
  });
}

export function encodePrivateMessage(privateMessage: PrivateMessage): Uint8Array {
  return encodeMlsMessage({
    version: PROTOCOL_VERSION,
    wireformat: "mls_private_message",
    privateMessage,
  });
}

/**
 * One message has one encoding: the library's decoder would take others too (longer length fields,
 * trailing bytes). The bytes are copied first, for the decoder's result points into them.
 */
export function decodeCanonical(bytes: Uint8Array, maxBytes: number): MLSMessage {
  if (bytes.length === 0 || bytes.length > maxBytes) refuse("the message has no allowed size");
  const copy = new Uint8Array(bytes);
  try {
    const decoded = decodeMlsMessage(copy, 0);
    if (decoded && equalBytes(encodeMlsMessage(decoded[0]), copy)) return decoded[0];
  } catch (cause) {
    refuse("the message is not well-formed", cause);
  }
  return refuse("the message is not well-formed");
}

export function toEpoch(epoch: bigint): number {
  if (epoch >= BigInt(Number.MAX_SAFE_INTEGER)) refuse("the epoch is out of range");
  return Number(epoch);
}

function viewCommit(
  suite: CipherSuite,
  { sender, commit, authenticatedData }: FramedContentCommit,
): CommitContent {
  if (sender.senderType !== "member" && sender.senderType !== "new_member_commit") {
    refuse("the commit comes from outside of the group");
  }
  if (commit.path?.nodes.some(({ hpkePublicKey }) => !suite.kem.isPublicKey(hpkePublicKey))) {
    refuse("the commit's path holds a key that is not one");
  }
  return {
    senderLeafIndex: sender.senderType === "member" ? sender.leafIndex : undefined,
    proposals: commit.proposals.map((each) => viewProposal(suite, each)),
    pathLeaf: commit.path && viewLeaf(suite, commit.path.leafNode),
    authenticatedData,
  };
}

function viewProposal(suite: CipherSuite, entry: ProposalOrRef): CommitProposal {
  if (entry.proposalOrRefType === "reference") return { kind: "other" };
  const { proposal } = entry;
  // A custom proposal's type is a number, and the library would skip it in silence.
  if (typeof proposal.proposalType === "number") return { kind: "other" };
  if (proposal.proposalType === "external_init") return { kind: "external-init" };
  if (proposal.proposalType === "remove") {
    return { kind: "remove", leafIndex: proposal.remove.removed };
  }
  if (proposal.proposalType === "add") {
    return { kind: "add", leaf: viewLeaf(suite, proposal.add.keyPackage.leafNode) };
  }
  return { kind: "other" };
}
