import { concatBytes } from "@noble/hashes/utils.js";
import type { SignatureScheme } from "./signature-scheme.ts";

const SEED_BYTES = 32;
const PUBLIC_KEY_BYTES = 2_592;
const NAME = "ML-DSA-87";

/** What stands before a public key in its SubjectPublicKeyInfo, and before a seed in PKCS #8 (RFC 9881). */
const SPKI_HEADER = Uint8Array.of(
  ...[0x30, 0x82, 0x0a, 0x32, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48],
  ...[0x01, 0x65, 0x03, 0x04, 0x03, 0x13, 0x03, 0x82, 0x0a, 0x21, 0x00],
);
const PKCS8_HEADER = Uint8Array.of(
  ...[0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86],
  ...[0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13, 0x04, 0x22, 0x80, 0x20],
);

/** Loaded when somebody enters a call that asks for it: others don't pay for it. */
async function noble() {
  return (await import("@noble/post-quantum/ml-dsa.js")).ml_dsa87;
}

/**
 * ML-DSA-87 (FIPS 204), pure, without a context, for hedged signatures: by WebCrypto where it has it,
 * which takes a tenth of the time, else by noble. Private keys are the 32 bytes of the seed.
 */
export const mlDsa87: SignatureScheme = {
  publicKeyBytes: PUBLIC_KEY_BYTES,
  async sign(seed, message) {
    const native = await importKey("pkcs8", concatBytes(PKCS8_HEADER, seed), "sign");
    if (native !== undefined) {
      return new Uint8Array(await crypto.subtle.sign(NAME, native, new Uint8Array(message)));
    }
    const mlDsa = await noble();
    const { secretKey } = mlDsa.keygen(seed);
    try {
      return mlDsa.sign(message, secretKey);
    } finally {
      secretKey.fill(0);
    }
  },
  async verify(publicKey, message, signature) {
    if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
    const native = await importKey("spki", concatBytes(SPKI_HEADER, publicKey), "verify");
    if (native === undefined) return (await noble()).verify(signature, message, publicKey);
    const [copy, data] = [new Uint8Array(signature), new Uint8Array(message)];
    return crypto.subtle.verify(NAME, native, copy, data);
  },
  async keygen() {
    const signKey = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    const { publicKey, secretKey } = (await noble()).keygen(signKey);
    secretKey.fill(0);
    return { publicKey, signKey };
  },
};

/** Undefined where WebCrypto does not know the algorithm. */
async function importKey(
  format: "pkcs8" | "spki",
  key: Uint8Array<ArrayBuffer>,
  usage: "sign" | "verify",
): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey(format, key, NAME, false, [usage]);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") return undefined;
    throw error;
  }
}
