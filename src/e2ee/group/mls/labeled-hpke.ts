import { utf8ToBytes } from "@noble/hashes/utils.js";
import { contramapBufferEncoders, encode } from "ts-mls/codec/tlsEncoder.js";
import { varLenDataEncoder } from "ts-mls/codec/variableLength.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { HashedInfo, Sealed } from "./hpke.ts";

/** What a sealed secret is for: another purpose or another context opens nothing. */
export interface Purpose {
  readonly label: "UpdatePathNode" | "Welcome";
  readonly context: Uint8Array;
}

const encodePurpose = encode(
  contramapBufferEncoders([varLenDataEncoder, varLenDataEncoder], (purpose: Purpose) => [
    utf8ToBytes(`MLS 1.0 ${purpose.label}`),
    purpose.context,
  ]),
);

/** A purpose that can be used again and again: the context of a Welcome is as large as the tree. */
export function preparePurpose({ sealing }: CipherSuite, purpose: Purpose): HashedInfo {
  return sealing.hashInfo(encodePurpose(purpose));
}

/** EncryptWithLabel (RFC 9420 section 5.1.3). */
export function sealFor(
  { sealing }: CipherSuite,
  publicKey: Uint8Array,
  purpose: HashedInfo,
  plaintext: Uint8Array,
): Promise<Sealed> {
  return sealing.sealTo(publicKey, purpose, plaintext);
}

/** DecryptWithLabel. Throws when the secret was not sealed to this key for this purpose. */
export function openFor(
  { sealing }: CipherSuite,
  privateKey: Uint8Array,
  purpose: HashedInfo,
  sealed: Sealed,
): Promise<Uint8Array> {
  return sealing.openWith(privateKey, purpose, sealed);
}
