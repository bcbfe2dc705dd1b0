import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { fromBase64Url } from "../../lib/base64url.ts";

/** A key that a device keeps between calls. Its private part need not be readable, only sign. */
export interface IdentityKey {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** An Ed25519 signature, 64 bytes (RFC 8032). */
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** One leaf of one call: what an identity vouches for. */
export interface IdentityClaim {
  /** 16 bytes in base64url each. */
  readonly roomId: string;
  readonly participantId: string;
  /** The leaf's signature key, 32 bytes. */
  readonly signatureKey: Uint8Array;
}

const LABEL = utf8ToBytes("Aparte identity 1\0");

/** The identity's signature over the leaf: it serves for no other leaf, participant or room. */
export function proveIdentity(identity: IdentityKey, claim: IdentityClaim): Promise<Uint8Array> {
  return identity.sign(encodeClaim(claim));
}

/** Whether the holder of `publicKey` vouches for the leaf. Malformed keys and proofs do not. */
export async function verifyIdentity(
  publicKey: Uint8Array,
  proof: Uint8Array,
  claim: IdentityClaim,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", true, [
      "verify",
    ]);
    const [signature, data] = [new Uint8Array(proof), new Uint8Array(encodeClaim(claim))];
    return await crypto.subtle.verify("Ed25519", key, signature, data);
  } catch {
    return false;
  }
}

function encodeClaim({ roomId, participantId, signatureKey }: IdentityClaim): Uint8Array {
  // All parts are of fixed length, so that no two claims give the same bytes.
  return concatBytes(LABEL, idBytes(roomId), idBytes(participantId), signatureKey);
}

function idBytes(text: string): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== 16) throw new RangeError("an id is 16 bytes in base64url");
  return bytes;
}
