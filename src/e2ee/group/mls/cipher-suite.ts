import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { CHash } from "@noble/hashes/utils.js";
import type { CiphersuiteImpl, CiphersuiteName } from "ts-mls/crypto/ciphersuite.js";
import type { Hash } from "ts-mls/crypto/hash.js";
import type { Hpke as LibraryHpke } from "ts-mls/crypto/hpke.js";
import type { Invitation } from "../../invitation/invitation.ts";
import { equalBytes } from "../equal-bytes.ts";
import { aesGcm } from "./aes-gcm.ts";
import { ed25519 } from "./ed25519.ts";
import { Hpke } from "./hpke.ts";
import type { HpkeOptions } from "./hpke.ts";
import type { Kem } from "./kem.ts";
import { mlDsa87 } from "./ml-dsa.ts";
import type { SignatureScheme } from "./signature-scheme.ts";
import { TreeHasher } from "./tree-hasher.ts";
import { xWing } from "./x-wing.ts";

export const PROTOCOL_VERSION = "mls10";

/** The primitives of a group, as the library asks for them, and what this floor makes of them. */
export interface CipherSuite extends CiphersuiteImpl {
  readonly signature: SignatureScheme;
  readonly kem: Kem;
  /** What is sealed to public keys: the library does none of that. */
  readonly sealing: Hpke;
  readonly trees: TreeHasher;
  /** Leaves that a group may have, so that its GroupInfo stays within the wire contract's bound. */
  readonly maxMembers: number;
}

export interface SuiteParts extends HpkeOptions {
  readonly name: CiphersuiteName;
  /** WebCrypto's name of the hash. */
  readonly hashName: "SHA-512" | "SHA-256";
  readonly signature: SignatureScheme;
  readonly maxMembers: number;
}

/**
 * Derivations and hashes are by noble: they are many and tiny, and a call into WebCrypto costs four
 * times as much as the work itself.
 */
export function assembleSuite(parts: SuiteParts): CipherSuite {
  const { name, hash, kem, keyBytes, signature, maxMembers } = parts;
  return {
    name,
    kem,
    signature,
    maxMembers,
    hpke: aeadOnly(keyBytes),
    kdf: {
      extract: async (salt, ikm) => extract(hash, ikm, salt),
      expand: async (prk, info, length) => expand(hash, prk, info, length),
      size: hash.outputLen,
    },
    hash: hashOf(hash, parts.hashName),
    rng: { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    sealing: new Hpke(parts),
    trees: new TreeHasher(hash),
  };
}

/** X-Wing (X25519 with ML-KEM-768), AES-256-GCM, SHA-512: they are everybody's. */
const COMMON = {
  kem: xWing,
  hash: sha512,
  hashName: "SHA-512",
  kdfId: 3,
  aeadId: 2,
  keyBytes: 32,
} as const;

/**
 * The suites that a link may ask for. Both sides take it from the link, which no server sees, and
 * another one is refused wherever it is named: nothing is negotiated, so that nothing can be
 * downgraded.
 */
const SUITES: Readonly<Record<Invitation["signatures"], CipherSuite>> = {
  classical: assembleSuite({
    ...COMMON,
    name: "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
    signature: ed25519,
    maxMembers: 1_024,
  }),
  "post-quantum": assembleSuite({
    ...COMMON,
    name: "MLS_256_XWING_AES256GCM_SHA512_MLDSA87",
    signature: mlDsa87,
    maxMembers: 384,
  }),
};

export function suiteOf({ signatures }: Pick<Invitation, "signatures">): CipherSuite {
  return SUITES[signatures];
}

/** From this many bytes on, such as of a commit that lets many in, WebCrypto is quicker. */
const LARGE_BYTES = 8_192;

function hashOf(hash: CHash, name: string): Hash {
  const mac = async (key: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
    if (data.length < LARGE_BYTES) return hmac(hash, key, data);
    const algorithm = { name: "HMAC", hash: name };
    const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, [
      "sign",
    ]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, new Uint8Array(data)));
  };
  return {
    async digest(data) {
      if (data.length < LARGE_BYTES) return hash(data);
      return new Uint8Array(await crypto.subtle.digest(name, new Uint8Array(data)));
    },
    mac,
    verifyMac: async (key, expected, data) => equalBytes(expected, await mac(key, data)),
  };
}

/** The library seals messages by these. */
function aeadOnly(keyLength: number): LibraryHpke {
  return {
    encryptAead: (key, nonce, associatedData, plaintext) =>
      aesGcm.encrypt(key, nonce, associatedData ?? new Uint8Array(), plaintext),
    decryptAead: (key, nonce, associatedData, ciphertext) =>
      aesGcm.decrypt(key, nonce, associatedData ?? new Uint8Array(), ciphertext),
    keyLength,
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
}

async function unused(): Promise<never> {
  throw new Error("the MLS library is not given keys to seal to");
}
