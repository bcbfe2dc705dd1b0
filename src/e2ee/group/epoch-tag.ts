import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { toBase64Url } from "../../lib/base64url.ts";

const LABEL = utf8ToBytes("Aparte epoch tag 1");
const TAG_BYTES = 16;

/**
 * The first 16 bytes of SHA-512(label ‖ epoch authenticator), in base64url. The delivery service
 * may see it: members that hold the same epoch have the same tag, and members of two groups that
 * happen to be at the same epoch have not.
 */
export function epochTagOf(epochAuthenticator: Uint8Array): string {
  return toBase64Url(sha512(concatBytes(LABEL, epochAuthenticator)).slice(0, TAG_BYTES));
}
