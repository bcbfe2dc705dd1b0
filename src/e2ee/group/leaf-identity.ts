import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { fromBase64Url, toBase64Url } from "../../lib/base64url.ts";
import type { Invitation } from "../invitation/invitation.ts";
import { equalBytes } from "./equal-bytes.ts";

/** First byte of the identity; another one is another encoding. */
const VERSION = 1;
const PARTICIPANT_ID_BYTES = 16;
const PROOF_BYTES = 32;
const IDENTITY_BYTES = 1 + PARTICIPANT_ID_BYTES + PROOF_BYTES;
const PROOF_LABEL = new TextEncoder().encode("Aparte leaf proof 1\0");

/** What a proof is made and checked with. */
export type Admission = Pick<Invitation, "roomId" | "admissionKey">;

/**
 * The identity of an MLS basic credential (RFC 9420 section 5.3), 49 bytes:
 * version (1) ‖ participant id (16) ‖ proof (32). The proof is an HMAC-SHA-256 under the admission
 * key over the label, the room, the participant and the leaf's signature key: whoever lacks the
 * link cannot make one, and one that was made serves for no other leaf, participant or room.
 * Throws `RangeError` when an id is not 16 bytes in base64url.
 */
export function encodeLeafIdentity(
  participantId: string,
  signatureKey: Uint8Array,
  admission: Admission,
): Uint8Array {
  const id = idBytes(participantId);
  const proof = leafProof(id, signatureKey, admission);
  return concatBytes(Uint8Array.of(VERSION), id, proof);
}

/** The participant id, or undefined when the encoding or the proof is not valid for this leaf. */
export function verifyLeafIdentity(
  identity: Uint8Array,
  signatureKey: Uint8Array,
  admission: Admission,
): string | undefined {
  if (identity.length !== IDENTITY_BYTES || identity[0] !== VERSION) return undefined;
  const id = identity.subarray(1, 1 + PARTICIPANT_ID_BYTES);
  const proof = identity.subarray(1 + PARTICIPANT_ID_BYTES);
  if (!equalBytes(proof, leafProof(id, signatureKey, admission))) return undefined;
  return toBase64Url(id);
}

/** The participant id that the identity claims, whether or not it proves anything. */
export function readLeafIdentity(identity: Uint8Array): string | undefined {
  if (identity.length !== IDENTITY_BYTES || identity[0] !== VERSION) return undefined;
  return toBase64Url(identity.subarray(1, 1 + PARTICIPANT_ID_BYTES));
}

function leafProof(id: Uint8Array, signatureKey: Uint8Array, admission: Admission): Uint8Array {
  // All but the last part are of fixed length, so that no two inputs give the same bytes.
  const input = concatBytes(PROOF_LABEL, idBytes(admission.roomId), id, signatureKey);
  return hmac(sha256, admission.admissionKey, input);
}

function idBytes(text: string): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== PARTICIPANT_ID_BYTES) {
    throw new RangeError("a room or participant id is 16 bytes in base64url");
  }
  return bytes;
}
