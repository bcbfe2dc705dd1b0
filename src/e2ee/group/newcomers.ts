import type { KeyPackage } from "ts-mls";
import { toBase64Url } from "../../lib/base64url.ts";
import { equalBytes } from "./equal-bytes.ts";
import { GroupError } from "./group-error.ts";
import { byMembership } from "./leaf-admission.ts";
import type { CipherSuite } from "./mls/cipher-suite.ts";
import { decodeKeyPackage, isTimely, verifyAdded } from "./mls/key-package.ts";
import { viewLeaf } from "./mls/leaf-view.ts";
import { distinctKeys, nameOfKey } from "./mls/tree-keys.ts";
import type { GroupMember } from "./roster.ts";
import { readLeaf } from "./roster.ts";
import type { Standing } from "./standing.ts";

export interface ChosenNewcomers {
  /** Encoded KeyPackages. */
  readonly added: readonly Uint8Array[];
  /** Members who come again: their earlier leaves go by the same commit. */
  readonly replaced: readonly GroupMember[];
}

/**
 * Whom a committer lets in: those whose KeyPackage is valid and made just now, who prove that they
 * hold the present link, and whose id and keys are nobody else's. Others are passed over, so that one
 * bad KeyPackage keeps nobody else out. Nobody while the call is locked, but for members who come again.
 */
export async function chooseNewcomers(
  { members, rules, invitation, state }: Standing,
  leaving: readonly GroupMember[],
  keyPackages: readonly Uint8Array[],
  nowMs: number,
): Promise<ChosenNewcomers> {
  const { suite } = state;
  const admission = byMembership(members, invitation);
  const known = new Map(members.map((member) => [member.participantId, member]));
  const ids = new Set<string>();
  const signers = new Set(members.map(({ signatureKey }) => toBase64Url(signatureKey)));
  const keys = distinctKeys(state.ratchetTree);
  const added: Uint8Array[] = [];
  const replaced: GroupMember[] = [];
  let room = suite.maxMembers - members.length + leaving.length;
  const candidates = await Promise.all(keyPackages.map((bytes) => examine(suite, bytes, nowMs)));
  for (const candidate of candidates) {
    const member = candidate && memberOf(suite, candidate.keyPackage, admission);
    if (candidate === undefined || member === undefined || ids.has(member.participantId)) continue;
    const earlier = known.get(member.participantId);
    const brought = keysOf(candidate.keyPackage);
    if (brought.some((key) => keys.has(key))) continue;
    const isOwn = earlier?.leafIndex === state.privatePath.leafIndex;
    if (isOwn || (earlier && !equalBytes(earlier.signatureKey, member.signatureKey))) continue;
    const signer = toBase64Url(member.signatureKey);
    if (earlier === undefined && (rules.locked || room <= 0 || signers.has(signer))) continue;
    if (earlier === undefined) room -= 1;
    else if (!leaving.includes(earlier)) replaced.push(earlier);
    ids.add(member.participantId);
    signers.add(signer);
    for (const key of brought) keys.add(key);
    added.push(candidate.bytes);
  }
  return { added, replaced };
}

/** A tree with one key twice would be refused by everybody, and the whole commit with it. */
function keysOf({ initKey, leafNode }: KeyPackage): string[] {
  return [initKey, leafNode.hpkePublicKey].map(nameOfKey);
}

async function examine(suite: CipherSuite, bytes: Uint8Array, nowMs: number) {
  try {
    const keyPackage = decodeKeyPackage(bytes);
    await verifyAdded(suite, keyPackage);
    return isTimely(keyPackage, nowMs) ? { bytes, keyPackage } : undefined;
  } catch (error) {
    if (error instanceof GroupError) return undefined;
    throw error;
  }
}

function memberOf(
  suite: CipherSuite,
  { leafNode }: KeyPackage,
  admission: ReturnType<typeof byMembership>,
): GroupMember | undefined {
  try {
    return readLeaf({ ...viewLeaf(suite, leafNode), leafIndex: -1 }, admission);
  } catch (error) {
    if (error instanceof GroupError) return undefined;
    throw error;
  }
}
