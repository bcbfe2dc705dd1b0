import type { Signature } from "ts-mls/crypto/signature.js";

/** How leaves, commits and messages are signed. */
export interface SignatureScheme extends Signature {
  readonly publicKeyBytes: number;
}
