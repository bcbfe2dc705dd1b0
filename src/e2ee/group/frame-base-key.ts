import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";

/** MLS-Exporter's label of RFC 9605 section 5.2. */
export const EXPORTER_LABEL = "SFrame 1.0 Base Key";
/** Nk of SFrame's AES-256-GCM suite. */
export const BASE_KEY_BYTES = 32;

const LABEL = new TextEncoder().encode("Aparte frame base key 1");

/**
 * RFC 9605's base key, mixed with the link's media share. Either input alone tells nothing of the
 * result: a leaf that got into the tree without the link opens no frame, and neither does somebody
 * who holds the link without a leaf.
 */
export function mixFrameBaseKey(exported: Uint8Array, mediaShare: Uint8Array): Uint8Array {
  return expand(sha512, extract(sha512, exported, mediaShare), LABEL, BASE_KEY_BYTES);
}
