import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { Encapsulated, Kem, KeyPair } from "./kem.ts";
import { X25519_BYTES, x25519, x25519PublicKey } from "./x25519.ts";

/** Bytes of a private key: the seed that all of it comes from. */
const SEED_BYTES = 32;
const ML_KEM_PUBLIC_BYTES = 1_184;
const ML_KEM_CIPHERTEXT_BYTES = 1_088;
const ML_KEM_SEED_BYTES = 64;
const ML_KEM_COEFFICIENT_BYTES = 1_152;
const ML_KEM_MODULUS = 3_329;
/** ML-KEM-768's 1184 bytes, then X25519's 32. */
const PUBLIC_KEY_BYTES = ML_KEM_PUBLIC_BYTES + X25519_BYTES;
const CIPHERTEXT_BYTES = ML_KEM_CIPHERTEXT_BYTES + X25519_BYTES;
/** The six bytes of `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** X-Wing (draft-connolly-cfrg-xwing-kem). A private key is its seed, 32 bytes; so is a shared secret. */
export const xWing: Kem = {
  id: 0x647a,
  isPublicKey,
  deriveKeyPair,
  derivePrivateKey,
  encapsulate,
  decapsulate,
};

/** DeriveKeyPair as HPKE asks for it (section 5.6). */
async function deriveKeyPair(inputKey: Uint8Array): Promise<KeyPair> {
  const privateKey = await derivePrivateKey(inputKey);
  const expanded = await expand(privateKey);
  expanded.wipe();
  return { privateKey, publicKey: expanded.publicKey };
}

/** The private half of `deriveKeyPair`, which costs next to nothing. */
async function derivePrivateKey(inputKey: Uint8Array): Promise<Uint8Array> {
  return shake256(inputKey, { dkLen: SEED_BYTES });
}

/** Section 5.4. Throws when ML-KEM refuses the public key. */
async function encapsulate(publicKey: Uint8Array): Promise<Encapsulated> {
  const [pkM, pkX] = split(publicKey, ML_KEM_PUBLIC_BYTES);
  const scalar = crypto.getRandomValues(new Uint8Array(X25519_BYTES));
  const [ctX, ssX] = await Promise.all([x25519PublicKey(scalar), x25519(scalar, pkX)]);
  const { cipherText: ctM, sharedSecret: ssM } = ml_kem768.encapsulate(pkM);
  const sharedSecret = combine(ssM, ssX, ctX, pkX);
  for (const secret of [scalar, ssM, ssX]) secret.fill(0);
  return { ciphertext: concatBytes(ctM, ctX), sharedSecret };
}

/** Section 5.5. Throws `RangeError` when the ciphertext has a wrong length. */
async function decapsulate(privateKey: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
  if (ciphertext.length !== CIPHERTEXT_BYTES) throw new RangeError("an X-Wing ciphertext");
  const [ctM, ctX] = split(ciphertext, ML_KEM_CIPHERTEXT_BYTES);
  const expanded = await expand(privateKey);
  const { secretKey, scalar, publicKey } = expanded;
  const [, pkX] = split(publicKey, ML_KEM_PUBLIC_BYTES);
  const [ssM, ssX] = [ml_kem768.decapsulate(ctM, secretKey), await x25519(scalar, ctX)];
  const sharedSecret = combine(ssM, ssX, ctX, pkX);
  expanded.wipe();
  for (const secret of [ssM, ssX]) secret.fill(0);
  return sharedSecret;
}

/**
 * Whether one can encapsulate to the key: its length, and ML-KEM's modulus check (FIPS 203 section
 * 7.2). A leaf with another key would make everybody else's commits fail.
 */
function isPublicKey(key: Uint8Array): boolean {
  if (key.length !== PUBLIC_KEY_BYTES) return false;
  for (let at = 0; at < ML_KEM_COEFFICIENT_BYTES; at += 3) {
    // Two coefficients of 12 bits in 3 bytes.
    const middle = key[at + 1] ?? 0;
    if (((key[at] ?? 0) | ((middle & 0x0f) << 8)) >= ML_KEM_MODULUS) return false;
    if (((middle >> 4) | ((key[at + 2] ?? 0) << 4)) >= ML_KEM_MODULUS) return false;
  }
  return true;
}

/** Section 5.2. `wipe` overwrites what is secret of it. */
async function expand(seed: Uint8Array) {
  const expanded = shake256(seed, { dkLen: ML_KEM_SEED_BYTES + X25519_BYTES });
  const [seedM, scalar] = split(expanded, ML_KEM_SEED_BYTES);
  const { publicKey: pkM, secretKey } = ml_kem768.keygen(seedM);
  const publicKey = concatBytes(pkM, await x25519PublicKey(scalar));
  const wipe = () => {
    secretKey.fill(0);
    expanded.fill(0);
  };
  return { secretKey, scalar, publicKey, wipe };
}

/** Section 5.3. */
function combine(ssM: Uint8Array, ssX: Uint8Array, ctX: Uint8Array, pkX: Uint8Array): Uint8Array {
  return sha3_256(concatBytes(ssM, ssX, ctX, pkX, LABEL));
}

function split(bytes: Uint8Array, at: number): [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
