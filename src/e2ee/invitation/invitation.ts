import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { toBase64Url } from "../../lib/base64url.ts";

/** Bytes of the secret that a link carries. */
export const INVITATION_SECRET_BYTES = 32;
const ROOM_ID_BYTES = 16;
const KEY_BYTES = 32;

/**
 * How the members of a call sign: by Ed25519, or by ML-DSA-87, which quantum computers cannot forge
 * but which takes 7 kB a member.
 */
export type Signatures = "classical" | "post-quantum";

/** Salts, so that a link that was altered to ask for others leads to another room. */
const SALTS: Readonly<Record<Signatures, string>> = {
  classical: "Aparte invitation 1",
  "post-quantum": "Aparte invitation 3",
};

/**
 * What a link gives to whoever holds it. The server learns `roomId` and nothing else: HKDF with
 * distinct labels makes the four values independent (RFC 5869 section 3.2).
 */
export interface Invitation {
  /** 32 random bytes: all that the first link carries; a later one names the room too. */
  readonly secret: Uint8Array;
  /** 16 bytes in base64url, 22 characters: names the room at the server. */
  readonly roomId: string;
  /** 32 bytes: proves to each member that a newcomer holds the link. */
  readonly admissionKey: Uint8Array;
  /** 32 bytes: goes into each media key, so that a leaf without the link opens no frame. */
  readonly mediaShare: Uint8Array;
  /** The call's, from beginning to end. */
  readonly signatures: Signatures;
}

export function createInvitation(signatures: Signatures = "classical"): Invitation {
  const secret = crypto.getRandomValues(new Uint8Array(INVITATION_SECRET_BYTES));
  return deriveInvitation(secret, signatures);
}

/** The derivation of docs/e2ee-group.md; `secret` has 32 bytes. Throws `RangeError` otherwise. */
export function deriveInvitation(
  secret: Uint8Array,
  signatures: Signatures = "classical",
): Invitation {
  if (secret.length !== INVITATION_SECRET_BYTES) {
    throw new RangeError(`an invitation's secret has ${INVITATION_SECRET_BYTES} bytes`);
  }
  const pseudoRandomKey = extract(sha512, secret, ascii(SALTS[signatures]));
  const derive = (label: string, length: number) =>
    expand(sha512, pseudoRandomKey, ascii(label), length);
  return {
    secret: new Uint8Array(secret),
    roomId: toBase64Url(derive("room id", ROOM_ID_BYTES)),
    admissionKey: derive("admission key", KEY_BYTES),
    mediaShare: derive("media share", KEY_BYTES),
    signatures,
  };
}

/**
 * The invitation of the same room after a kick made `former` void: keys from another secret. Its
 * link has to name the room.
 */
export function renewInvitation(
  former: Pick<Invitation, "roomId" | "signatures">,
  secret: Uint8Array,
): Invitation {
  return { ...deriveInvitation(secret, former.signatures), roomId: former.roomId };
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
