import { concatBytes } from "@noble/hashes/utils.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { DecodedHeader } from "./header.ts";
import { decodeHeader, encodeHeader } from "./header.ts";
import type { FrameSecrets } from "./key-schedule.ts";
import { nonceOf } from "./key-schedule.ts";

/**
 * SFrame as RFC 9605 section 4.4 writes it, synchronous and without shortcuts: the reference that
 * tests hold the media path to, and what a tool uses that opens a recording.
 */
export function sealSFrame(
  suite: CipherSuite,
  secrets: FrameSecrets,
  frame: { keyId: bigint; counter: bigint; metadata: Uint8Array; plaintext: Uint8Array },
): Uint8Array {
  const header = encodeHeader(frame.keyId, frame.counter);
  const nonce = nonceOf(secrets.salt, frame.counter);
  const aad = concatBytes(header, frame.metadata);
  return concatBytes(header, suite.seal(secrets.key, nonce, aad, frame.plaintext));
}

/**
 * Returns the header and the plaintext. `secretsOf` finds the key for a key id, and may throw.
 * Throws `malformed` for bytes that are no SFrame, `tampered` when the tag does not match.
 */
export function openSFrame(
  suite: CipherSuite,
  secretsOf: (keyId: bigint) => FrameSecrets,
  sealed: { metadata: Uint8Array; bytes: Uint8Array },
): { header: DecodedHeader; plaintext: Uint8Array } {
  const header = decodeHeader(sealed.bytes);
  const secrets = secretsOf(header.keyId);
  const aad = concatBytes(sealed.bytes.subarray(0, header.byteLength), sealed.metadata);
  const nonce = nonceOf(secrets.salt, header.counter);
  const ciphertext = sealed.bytes.subarray(header.byteLength);
  return { header, plaintext: suite.open(secrets.key, nonce, aad, ciphertext) };
}
