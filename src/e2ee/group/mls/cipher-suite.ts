import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { CiphersuiteImpl, CiphersuiteName } from "ts-mls/crypto/ciphersuite.js";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import type { Hash } from "ts-mls/crypto/hash.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
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
 * Put together here rather than by the library's own factory, which pulls every other suite into
 * the bundle. Derivations and hashes are by noble: they are many and tiny, and a call into
 * WebCrypto costs four times as much as the work itself.
 */
export function cipherSuite(): Promise<CiphersuiteImpl> {
  built ??= build();
  return built;
}

let built: Promise<CiphersuiteImpl> | undefined;

async function build(): Promise<CiphersuiteImpl> {
  const algorithms = getCiphersuiteFromName(MLS_CIPHER_SUITE).hpke;
  const hpke = new CipherSuite({
    kem: new XWing(),
    kdf: new HkdfSha512(),
    aead: new Aes256Gcm(),
  });
  return {
    name: MLS_CIPHER_SUITE,
    hpke: await makeGenericHpke(algorithms, aes256Gcm, hpke),
    kdf: hkdfSha512,
    hash: sha512Hash,
    signature: ed25519,
    rng: { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
  };
}

const hkdfSha512: Kdf = {
  extract: async (salt, ikm) => extract(sha512, ikm, salt),
  expand: async (prk, info, length) => expand(sha512, prk, info, length),
  size: sha512.outputLen,
};

const sha512Hash: Hash = {
  digest: async (data) => sha512(data),
  mac: async (key, data) => hmac(sha512, key, data),
  verifyMac: async (key, mac, data) => equalBytes(mac, hmac(sha512, key, data)),
};
