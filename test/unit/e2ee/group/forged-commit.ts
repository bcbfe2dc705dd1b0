import assert from "node:assert/strict";
import type { Commit } from "ts-mls/commit.js";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import { createContentCommitSignature } from "ts-mls/framedContent.js";
import type { LeafNodeCommit } from "ts-mls/leafNode.js";
import { signLeafNodeCommit } from "ts-mls/leafNode.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import type { Sender } from "ts-mls/sender.js";
import type { UpdatePath } from "ts-mls/updatePath.js";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit, encodePublicMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { SUITE } from "./library-suite.ts";

export interface Forgery {
  /** Who signs the commit; the state's own leaf if there is none. */
  readonly sender?: Sender;
  readonly alter?: (commit: Commit & { readonly path: UpdatePath }) => Partial<Commit>;
  readonly confirmationTag?: Uint8Array;
}

/**
 * A commit of a member who altered it before signing: signature and membership tag are valid. The
 * confirmation tag is that of the unaltered one, for whoever takes the altered one gets no further.
 */
export async function forge(
  state: MlsState,
  commit: Uint8Array,
  { sender, alter, confirmationTag }: Forgery,
): Promise<Uint8Array> {
  const { content, auth } = decodeCommit(SUITE, commit).message;
  assert(content.contentType === "commit" && auth.contentType === "commit");
  const { path } = content.commit;
  assert(path);
  const altered = { ...content.commit, ...alter?.({ ...content.commit, path }) };
  const suite = SUITE;
  const { framedContent, signature } = await createContentCommitSignature(
    state.groupContext,
    "mls_public_message",
    altered,
    sender ?? { senderType: "member", leafIndex: state.privatePath.leafIndex },
    content.authenticatedData,
    state.signaturePrivateKey,
    suite.signature,
  );
  return protect(state, framedContent, {
    contentType: "commit",
    signature,
    confirmationTag: confirmationTag ?? auth.confirmationTag,
  });
}

/** With a valid membership tag, whatever is signed. */
export async function protect(
  { keySchedule, groupContext }: MlsState,
  content: FramedContentCommit,
  auth: { contentType: "commit"; signature: Uint8Array; confirmationTag: Uint8Array },
): Promise<Uint8Array> {
  const authenticated = { wireformat: "mls_public_message", content, auth } as const;
  const { membershipKey } = keySchedule;
  return encodePublicMessage(
    await protectPublicMessage(membershipKey, groupContext, authenticated, SUITE),
  );
}

/** The path's leaf with some of it changed, signed by its owner for `leafIndex`. */
export function resignLeaf(
  state: MlsState,
  leaf: LeafNodeCommit,
  changes: Partial<LeafNodeCommit>,
  leafIndex = state.privatePath.leafIndex,
): Promise<LeafNodeCommit> {
  const { groupId } = state.groupContext;
  const tbs = { ...leaf, ...changes, groupId, leafIndex };
  return signLeafNodeCommit(tbs, state.signaturePrivateKey, SUITE.signature);
}
