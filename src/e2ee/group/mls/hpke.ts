import { expand, extract } from "@noble/hashes/hkdf.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { CHash } from "@noble/hashes/utils.js";
import { aesGcm } from "./aes-gcm.ts";
import type { Kem } from "./kem.ts";

const VERSION_LABEL = utf8ToBytes("HPKE-v1");
const EMPTY = new Uint8Array();
const BASE_MODE = Uint8Array.of(0);
const NONCE_BYTES = 12;

export interface Sealed {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The hash of an `info` (RFC 9180 section 5.1), made once for all whom something is sealed to. */
export interface HashedInfo {
  readonly infoHash: Uint8Array;
}

export interface HpkeOptions {
  readonly kem: Kem;
  readonly hash: CHash;
  /** Its HKDF's number in HPKE's registry. */
  readonly kdfId: number;
  /** AES-128-GCM is 1, with 16 bytes; AES-256-GCM is 2, with 32. */
  readonly aeadId: number;
  readonly keyBytes: number;
}

/** HPKE in base mode, for one message at a time and without associated data (RFC 9180 section 6.1). */
export class Hpke {
  readonly #options: HpkeOptions;
  readonly #suiteId: Uint8Array;
  readonly #pskIdHash: Uint8Array;
  readonly #noInfo: HashedInfo;

  constructor(options: HpkeOptions) {
    const { kem, kdfId, aeadId } = options;
    this.#options = options;
    const numbers = [kem.id, kdfId, aeadId].flatMap((id) => [id >> 8, id & 0xff]);
    this.#suiteId = concatBytes(utf8ToBytes("HPKE"), Uint8Array.from(numbers));
    this.#pskIdHash = this.#labeledExtract(EMPTY, "psk_id_hash", EMPTY);
    this.#noInfo = this.hashInfo(EMPTY);
  }

  hashInfo(info: Uint8Array): HashedInfo {
    return { infoHash: this.#labeledExtract(EMPTY, "info_hash", info) };
  }

  async sealTo(publicKey: Uint8Array, info: HashedInfo, plaintext: Uint8Array): Promise<Sealed> {
    const { ciphertext: kemOutput, sharedSecret } = await this.#options.kem.encapsulate(publicKey);
    const { key, nonce } = this.#messageKeys(sharedSecret, info);
    const ciphertext = await aesGcm.encrypt(key, nonce, EMPTY, plaintext);
    key.fill(0);
    return { kemOutput, ciphertext };
  }

  /** Throws when the ciphertext was not sealed to this key with this `info`. */
  async openWith(
    privateKey: Uint8Array,
    info: HashedInfo,
    { kemOutput, ciphertext }: Sealed,
  ): Promise<Uint8Array> {
    const sharedSecret = await this.#options.kem.decapsulate(privateKey, kemOutput);
    const { key, nonce } = this.#messageKeys(sharedSecret, info);
    try {
      return await aesGcm.decrypt(key, nonce, EMPTY, ciphertext);
    } finally {
      key.fill(0);
    }
  }

  /** A secret that the holder of the private key arrives at too (section 5.3). */
  async exportTo(
    publicKey: Uint8Array,
    context: Uint8Array,
    lengthBytes: number,
  ): Promise<{ kemOutput: Uint8Array; secret: Uint8Array }> {
    const { ciphertext: kemOutput, sharedSecret } = await this.#options.kem.encapsulate(publicKey);
    return { kemOutput, secret: this.#exported(sharedSecret, context, lengthBytes) };
  }

  /** The other side of `exportTo`. */
  async exportWith(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    context: Uint8Array,
    lengthBytes: number,
  ): Promise<Uint8Array> {
    const sharedSecret = await this.#options.kem.decapsulate(privateKey, kemOutput);
    return this.#exported(sharedSecret, context, lengthBytes);
  }

  #messageKeys(sharedSecret: Uint8Array, info: HashedInfo) {
    const { secret, context } = this.#schedule(sharedSecret, info);
    const key = this.#labeledExpand(secret, "key", context, this.#options.keyBytes);
    const nonce = this.#labeledExpand(secret, "base_nonce", context, NONCE_BYTES);
    secret.fill(0);
    return { key, nonce };
  }

  #exported(sharedSecret: Uint8Array, exporterContext: Uint8Array, length: number): Uint8Array {
    const { secret, context } = this.#schedule(sharedSecret, this.#noInfo);
    const size = this.#options.hash.outputLen;
    const exporterSecret = this.#labeledExpand(secret, "exp", context, size);
    const exported = this.#labeledExpand(exporterSecret, "sec", exporterContext, length);
    for (const used of [secret, exporterSecret]) used.fill(0);
    return exported;
  }

  /** KeySchedule of section 5.1, without a pre-shared key. Overwrites the shared secret. */
  #schedule(sharedSecret: Uint8Array, { infoHash }: HashedInfo) {
    const context = concatBytes(BASE_MODE, this.#pskIdHash, infoHash);
    const secret = this.#labeledExtract(sharedSecret, "secret", EMPTY);
    sharedSecret.fill(0);
    return { context, secret };
  }

  /** Section 4. */
  #labeledExtract(salt: Uint8Array, label: string, inputKey: Uint8Array): Uint8Array {
    const labeled = concatBytes(VERSION_LABEL, this.#suiteId, utf8ToBytes(label), inputKey);
    return extract(this.#options.hash, labeled, salt);
  }

  #labeledExpand(secret: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
    const size = Uint8Array.of(length >> 8, length & 0xff);
    const labeled = concatBytes(size, VERSION_LABEL, this.#suiteId, utf8ToBytes(label), info);
    return expand(this.#options.hash, secret, labeled, length);
  }
}
