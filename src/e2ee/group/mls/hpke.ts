import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { aes256Gcm } from "./aes-gcm.ts";
import { decapsulate, encapsulate } from "./x-wing.ts";

/** KEM X-Wing 0x647a, KDF HKDF-SHA512 0x0003, AEAD AES-256-GCM 0x0002 (RFC 9180 section 5.1). */
const SUITE_ID = concatBytes(utf8ToBytes("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 3, 0, 2));
const VERSION_LABEL = utf8ToBytes("HPKE-v1");
const EMPTY = new Uint8Array();
const BASE_MODE = Uint8Array.of(0);
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

export interface Sealed {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The hash of an `info` (RFC 9180 section 5.1), made once for all whom something is sealed to. */
export interface HashedInfo {
  readonly infoHash: Uint8Array;
}

export function hashInfo(info: Uint8Array): HashedInfo {
  return { infoHash: labeledExtract(EMPTY, "info_hash", info) };
}

/** HPKE in base mode for one message, without associated data (RFC 9180 section 6.1). */
export async function sealTo(
  publicKey: Uint8Array,
  info: HashedInfo,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const { ciphertext: kemOutput, sharedSecret } = await encapsulate(publicKey);
  const { key, nonce } = messageKeys(sharedSecret, info);
  const ciphertext = await aes256Gcm.encrypt(key, nonce, EMPTY, plaintext);
  key.fill(0);
  return { kemOutput, ciphertext };
}

/** Throws when the ciphertext was not sealed to this key with this `info`. */
export async function openWith(
  privateKey: Uint8Array,
  info: HashedInfo,
  { kemOutput, ciphertext }: Sealed,
): Promise<Uint8Array> {
  const { key, nonce } = messageKeys(await decapsulate(privateKey, kemOutput), info);
  try {
    return await aes256Gcm.decrypt(key, nonce, EMPTY, ciphertext);
  } finally {
    key.fill(0);
  }
}

/** A secret that the holder of the private key arrives at too (section 5.3). */
export async function exportTo(
  publicKey: Uint8Array,
  context: Uint8Array,
  lengthBytes: number,
): Promise<{ kemOutput: Uint8Array; secret: Uint8Array }> {
  const { ciphertext: kemOutput, sharedSecret } = await encapsulate(publicKey);
  return { kemOutput, secret: exportedSecret(sharedSecret, context, lengthBytes) };
}

/** The other side of `exportTo`. */
export async function exportWith(
  privateKey: Uint8Array,
  kemOutput: Uint8Array,
  context: Uint8Array,
  lengthBytes: number,
): Promise<Uint8Array> {
  return exportedSecret(await decapsulate(privateKey, kemOutput), context, lengthBytes);
}

function messageKeys(sharedSecret: Uint8Array, info: HashedInfo) {
  const { secret, context } = schedule(sharedSecret, info);
  const key = labeledExpand(secret, "key", context, KEY_BYTES);
  const nonce = labeledExpand(secret, "base_nonce", context, NONCE_BYTES);
  secret.fill(0);
  return { key, nonce };
}

function exportedSecret(sharedSecret: Uint8Array, exporterContext: Uint8Array, length: number) {
  const { secret, context } = schedule(sharedSecret, NO_INFO);
  const exporterSecret = labeledExpand(secret, "exp", context, sha512.outputLen);
  const exported = labeledExpand(exporterSecret, "sec", exporterContext, length);
  for (const used of [secret, exporterSecret]) used.fill(0);
  return exported;
}

/** KeySchedule of section 5.1, without a pre-shared key. Overwrites the shared secret. */
function schedule(sharedSecret: Uint8Array, { infoHash }: HashedInfo) {
  const context = concatBytes(BASE_MODE, PSK_ID_HASH, infoHash);
  const secret = labeledExtract(sharedSecret, "secret", EMPTY);
  sharedSecret.fill(0);
  return { context, secret };
}

/** Section 4. */
function labeledExtract(salt: Uint8Array, label: string, inputKey: Uint8Array): Uint8Array {
  const labeled = concatBytes(VERSION_LABEL, SUITE_ID, utf8ToBytes(label), inputKey);
  return extract(sha512, labeled, salt);
}

function labeledExpand(secret: Uint8Array, label: string, info: Uint8Array, length: number) {
  const size = Uint8Array.of(length >> 8, length & 0xff);
  const labeled = concatBytes(size, VERSION_LABEL, SUITE_ID, utf8ToBytes(label), info);
  return expand(sha512, secret, labeled, length);
}

const PSK_ID_HASH = labeledExtract(EMPTY, "psk_id_hash", EMPTY);
const NO_INFO = hashInfo(EMPTY);
