import type { GroupContext } from "ts-mls";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import { createConfirmationTag } from "ts-mls/framedContent.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import type { KeySchedule } from "ts-mls/keySchedule.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import type { MessageSecrets } from "./secret-tree.ts";
import { createMessageSecrets } from "./secret-tree.ts";

/** How one epoch leads to the next (RFC 9420 section 8). */
export interface EpochStep {
  readonly suite: CipherSuite;
  readonly context: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly initSecret: Uint8Array;
  readonly commitSecret: Uint8Array;
  readonly content: FramedContentCommit;
  readonly signature: Uint8Array;
  readonly tree: RatchetTree;
}

/** What an epoch's members share. */
export interface EpochState extends MessageSecrets {
  readonly suite: CipherSuite;
  readonly groupContext: GroupContext;
  readonly keySchedule: KeySchedule;
  readonly confirmationTag: Uint8Array;
}

export interface NextEpoch extends EpochState {
  /** For the Welcome; to be overwritten. */
  readonly joinerSecret: Uint8Array;
  readonly welcomeSecret: Uint8Array;
}

/** Overwrites the step's commit secret. */
export async function beginEpoch(step: EpochStep): Promise<NextEpoch> {
  const { suite } = step;
  const { hash, kdf, trees } = suite;
  const groupContext = {
    ...step.context,
    epoch: step.context.epoch + 1n,
    treeHash: trees.rootHash(step.tree),
    confirmedTranscriptHash: await nextTranscriptHash(step),
  };
  const { encryptionSecret, ...secrets } = await initializeEpoch(
    step.initSecret,
    step.commitSecret,
    groupContext,
    new Uint8Array(kdf.size),
    kdf,
  );
  step.commitSecret.fill(0);
  const confirmationTag = await createConfirmationTag(
    secrets.keySchedule.confirmationKey,
    groupContext.confirmedTranscriptHash,
    hash,
  );
  const messages = createMessageSecrets(step.tree.length, encryptionSecret);
  return { suite, groupContext, confirmationTag, ...messages, ...secrets };
}

/** RFC 9420 section 8.2. */
async function nextTranscriptHash(step: EpochStep): Promise<Uint8Array> {
  const { context, confirmationTag, content, signature, suite } = step;
  const { confirmedTranscriptHash } = context;
  const interim = await createInterimHash(confirmedTranscriptHash, confirmationTag, suite.hash);
  const input = { wireformat: "mls_public_message", content, signature } as const;
  return createConfirmedHash(interim, input, suite.hash);
}
