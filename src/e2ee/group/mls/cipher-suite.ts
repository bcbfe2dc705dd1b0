import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { CiphersuiteImpl, CiphersuiteName } from "ts-mls/crypto/ciphersuite.js";
import type { Hash } from "ts-mls/crypto/hash.js";
import type { Hpke } from "ts-mls/crypto/hpke.js";
import type { Kdf } from "ts-mls/crypto/kdf.js";
import { equalBytes } from "../equal-bytes.ts";
import { aes256Gcm } from "./aes-gcm.ts";
import { ed25519 } from "./ed25519.ts";

/**
 * The one suite of a group: X-Wing (X25519 with ML-KEM-768), AES-256-GCM, SHA-512, Ed25519. Both
 * sides must name it; nothing is negotiated, so that nothing can be downgraded.
 */
export const MLS_CIPHER_SUITE = "MLS_256_XWING_AES256GCM_SHA512_Ed25519" satisfies CiphersuiteName;
export const PROTOCOL_VERSION = "mls10";

/**
 * The primitives as the library asks for them. Derivations and hashes are by noble: they are many
 * and tiny, and a call into WebCrypto costs four times as much as the work itself.
 */
export function cipherSuite(): CiphersuiteImpl {
  return SUITE;
}

const hkdfSha512: Kdf = {
  extract: async (salt, ikm) => extract(sha512, ikm, salt),
  expand: async (prk, info, length) => expand(sha512, prk, info, length),
  size: sha512.outputLen,
};

/** From this many bytes on, such as of a commit that lets many in, WebCrypto is quicker. */
const LARGE_BYTES = 8_192;

const sha512Hash: Hash = {
  digest: async (data) => (data.length < LARGE_BYTES ? sha512(data) : digestLarge(data)),
  mac,
  verifyMac: async (key, expected, data) => equalBytes(expected, await mac(key, data)),
};

async function mac(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  if (data.length < LARGE_BYTES) return hmac(sha512, key, data);
  const algorithm = { name: "HMAC", hash: "SHA-512" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, new Uint8Array(data)));
}

async function digestLarge(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", new Uint8Array(data)));
}

/** The library seals messages by these; public keys are our own matter (`hpke.ts`). */
const aeadOnly: Hpke = {
  encryptAead: (key, nonce, associatedData, plaintext) =>
    aes256Gcm.encrypt(key, nonce, associatedData ?? new Uint8Array(), plaintext),
  decryptAead: (key, nonce, associatedData, ciphertext) =>
    aes256Gcm.decrypt(key, nonce, associatedData ?? new Uint8Array(), ciphertext),
  keyLength: 32,
  nonceLength: 12,
  open: unused,
  seal: unused,
  importPrivateKey: unused,
  importPublicKey: unused,
  exportPublicKey: unused,
  exportPrivateKey: unused,
  exportSecret: unused,
  importSecret: unused,
  deriveKeyPair: unused,
  generateKeyPair: unused,
};

const SUITE: CiphersuiteImpl = {
  name: MLS_CIPHER_SUITE,
  hpke: aeadOnly,
  kdf: hkdfSha512,
  hash: sha512Hash,
  signature: ed25519,
  rng: { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
};

async function unused(): Promise<never> {
  throw new Error("the MLS library is not given keys to seal to");
}
