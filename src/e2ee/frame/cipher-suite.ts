import { ctr, gcm } from "@noble/ciphers/aes.js";
import { concatBytes, equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { FrameError } from "./frame-error.ts";

/** The registry of RFC 9605 section 8.1. */
export type CipherSuiteId = 1 | 2 | 3 | 4 | 5;

/**
 * One row of RFC 9605 section 4.5. `seal` and `open` are synchronous and readable: the reference
 * that the fast path is held to, and the fallback where there is no WebCrypto.
 */
export interface CipherSuite {
  readonly id: CipherSuiteId;
  readonly name: string;
  readonly hash: typeof sha256 | typeof sha512;
  /** Nk of the RFC: bytes of a key. */
  readonly keyBytes: number;
  /** Nt of the RFC: bytes of the authentication tag. */
  readonly tagBytes: number;
  /** True when WebCrypto offers the same AEAD under the name AES-GCM. */
  readonly isGcm: boolean;
  /** Returns the ciphertext followed by the tag. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws `tampered` when the tag does not match. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** Nn of the RFC: bytes of a nonce and of a salt, the same in each suite. */
export const NONCE_BYTES = 12;
/** Bytes of the AES key within the key of an AES-CTR-HMAC suite; the rest authenticates. */
const CTR_KEY_BYTES = 16;

export const CIPHER_SUITES: Readonly<Record<CipherSuiteId, CipherSuite>> = {
  1: ctrHmacSuite(1, "AES_128_CTR_HMAC_SHA256_80", 10),
  2: ctrHmacSuite(2, "AES_128_CTR_HMAC_SHA256_64", 8),
  3: ctrHmacSuite(3, "AES_128_CTR_HMAC_SHA256_32", 4),
  4: gcmSuite(4, "AES_128_GCM_SHA256_128", sha256, 16),
  5: gcmSuite(5, "AES_256_GCM_SHA512_128", sha512, 32),
};

/** AES-256-GCM with SHA-512 and a full tag. The choice is argued in docs/adr/0010. */
export const DEFAULT_CIPHER_SUITE: CipherSuite = CIPHER_SUITES[5];

/** RFC 9605 section 4.5.1: AES in counter mode, authenticated by HMAC over a framing of all inputs. */
function ctrHmacSuite(id: CipherSuiteId, name: string, tagBytes: number): CipherSuite {
  const keyBytes = CTR_KEY_BYTES + sha256.outputLen;
  const computeTag = (
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array => {
    const lengths = concatBytes(uint64(aad.length), uint64(ciphertext.length), uint64(tagBytes));
    const input = concatBytes(lengths, nonce, aad, ciphertext);
    return hmac(sha256, key.subarray(CTR_KEY_BYTES), input).subarray(0, tagBytes);
  };
  const applyCipher = (key: Uint8Array, nonce: Uint8Array, input: Uint8Array): Uint8Array => {
    // The counter block is the nonce followed by a block number that begins at zero.
    const initialCounter = new Uint8Array(16);
    initialCounter.set(nonce);
    return ctr(key.subarray(0, CTR_KEY_BYTES), initialCounter).encrypt(input);
  };
  return {
    id,
    name,
    hash: sha256,
    keyBytes,
    tagBytes,
    isGcm: false,
    seal(key, nonce, aad, plaintext) {
      assertKeyAndNonce(key, keyBytes, nonce);
      const ciphertext = applyCipher(key, nonce, plaintext);
      return concatBytes(ciphertext, computeTag(key, nonce, aad, ciphertext));
    },
    open(key, nonce, aad, sealed) {
      assertKeyAndNonce(key, keyBytes, nonce);
      const { ciphertext, tag } = splitTag(sealed, tagBytes);
      if (!equalBytes(tag, computeTag(key, nonce, aad, ciphertext))) {
        throw new FrameError("tampered", "the authentication tag does not match");
      }
      return applyCipher(key, nonce, ciphertext);
    },
  };
}

/** RFC 9605 section 4.5 with the AEADs of RFC 5116. */
function gcmSuite(
  id: CipherSuiteId,
  name: string,
  hash: CipherSuite["hash"],
  keyBytes: number,
): CipherSuite {
  const tagBytes = 16;
  return {
    id,
    name,
    hash,
    keyBytes,
    tagBytes,
    isGcm: true,
    seal(key, nonce, aad, plaintext) {
      assertKeyAndNonce(key, keyBytes, nonce);
      return gcm(key, nonce, aad).encrypt(plaintext);
    },
    open(key, nonce, aad, sealed) {
      assertKeyAndNonce(key, keyBytes, nonce);
      splitTag(sealed, tagBytes);
      try {
        return gcm(key, nonce, aad).decrypt(sealed);
      } catch {
        throw new FrameError("tampered", "the authentication tag does not match");
      }
    },
  };
}

function splitTag(
  sealed: Uint8Array,
  tagBytes: number,
): { ciphertext: Uint8Array; tag: Uint8Array } {
  if (sealed.length < tagBytes)
    throw new FrameError("malformed", "the frame is shorter than a tag");
  const end = sealed.length - tagBytes;
  return { ciphertext: sealed.subarray(0, end), tag: sealed.subarray(end) };
}

function assertKeyAndNonce(key: Uint8Array, keyBytes: number, nonce: Uint8Array): void {
  if (key.length !== keyBytes)
    throw new FrameError("bad-argument", `expected ${keyBytes} key bytes`);
  if (nonce.length !== NONCE_BYTES) {
    throw new FrameError("bad-argument", `expected ${NONCE_BYTES} nonce bytes`);
  }
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
