import { deriveSecret } from "ts-mls/crypto/kdf.js";
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js";
import { createConfirmationTag } from "ts-mls/framedContent.js";
import { initializeKeySchedule } from "ts-mls/keySchedule.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { leafWidth } from "ts-mls/treemath.js";
import { viewLeaves } from "./leaf-view.ts";
import type { MlsState } from "./state.ts";

/**
 * Gives an epoch of one member secrets that come from nothing earlier.
 *
 * When a commit leaves its committer alone, its path has no node, and ts-mls 1.6.4 takes zeros for
 * the commit secret, where RFC 9420 section 7.4 derives it from the leaf's path secret. Whoever was
 * just removed knows the rest of the key schedule's input and could follow. As nobody else has to
 * arrive at the same secrets, the one member draws a fresh epoch secret, as a group's creator does
 * (section 11); a joiner learns of it by the next GroupInfo.
 */
export async function refreshLoneMember(
  state: MlsState,
  suite: CiphersuiteImpl,
): Promise<MlsState> {
  if (viewLeaves(state.ratchetTree).length !== 1) return state;
  const epochSecret = suite.rng.randomBytes(suite.kdf.size);
  const keySchedule = await initializeKeySchedule(epochSecret, suite.kdf);
  const encryptionSecret = await deriveSecret(epochSecret, "encryption", suite.kdf);
  const width = leafWidth(state.ratchetTree.length);
  const secretTree = await createSecretTree(width, encryptionSecret, suite.kdf);
  const confirmationTag = await createConfirmationTag(
    keySchedule.confirmationKey,
    state.groupContext.confirmedTranscriptHash,
    suite.hash,
  );
  epochSecret.fill(0);
  encryptionSecret.fill(0);
  return { ...state, keySchedule, secretTree, confirmationTag };
}
