import type { CipherSuite } from "./cipher-suite.ts";
import { NONCE_BYTES } from "./cipher-suite.ts";
import { FrameError } from "./frame-error.ts";
import type { FrameSecrets } from "./key-schedule.ts";
import { deriveFrameSecrets, nonceOf } from "./key-schedule.ts";

/**
 * Seals and opens the frames of one key id. Counters are the caller's, who must never use one
 * twice; they are whole numbers below 2^32, or it rejects with `bad-argument`. Once a call has returned, before its promise is
 * settled, the caller may write over what it handed in.
 */
export interface FrameCipher {
  /** Ciphertext and tag, in a buffer that is the caller's. Rejects with `wiped` after `wipe`. */
  seal(
    counter: number,
    aad: Uint8Array<ArrayBuffer>,
    plaintext: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
  /**
   * The plaintext, in a buffer that is the caller's. Rejects with `wiped` after `wipe`, and with
   * any other error when the tag does not match: WebCrypto has one of its own for that.
   */
  open(
    counter: number,
    aad: Uint8Array<ArrayBuffer>,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
  /** Forgets the key. What has begun may still end. */
  wipe(): void;
}

/**
 * The fastest cipher there is for the suite: WebCrypto for AES-GCM, which is ten times as fast as
 * JavaScript and keeps the key outside of the heap, otherwise the reference. `null` for `subtle`
 * always means the reference.
 */
export async function createFrameCipher(
  suite: CipherSuite,
  keyId: bigint,
  baseKey: Uint8Array,
  subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null,
): Promise<FrameCipher> {
  const secrets = deriveFrameSecrets(suite, keyId, baseKey);
  if (!suite.isGcm || subtle === null) return new ReferenceFrameCipher(suite, secrets);
  const rawKey = new Uint8Array(secrets.key);
  try {
    const key = await subtle.importKey("raw", rawKey, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new WebCryptoFrameCipher(subtle, key, secrets.salt);
  } finally {
    rawKey.fill(0);
    secrets.key.fill(0);
  }
}

class WebCryptoFrameCipher implements FrameCipher {
  /** The salt, into whose last four bytes each frame's counter is mixed. */
  readonly #nonce: Uint8Array<ArrayBuffer>;
  readonly #nonceTail: DataView;
  readonly #saltTail: number;
  /** Without `tagLength`, whose default of 128 bits is what both suites with GCM have. */
  readonly #parameters: AesGcmParams;
  readonly #subtle: SubtleCrypto;
  #key: CryptoKey | undefined;

  constructor(subtle: SubtleCrypto, key: CryptoKey, salt: Uint8Array) {
    this.#subtle = subtle;
    this.#key = key;
    this.#nonce = Uint8Array.from(salt);
    salt.fill(0);
    this.#nonceTail = new DataView(this.#nonce.buffer, NONCE_BYTES - 4);
    this.#saltTail = this.#nonceTail.getUint32(0);
    this.#parameters = { name: "AES-GCM", iv: this.#nonce };
  }

  // Without `async`, as each promise around another costs a turn of the microtask queue.
  seal(
    counter: number,
    aad: Uint8Array<ArrayBuffer>,
    plaintext: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer> {
    const key = this.#key;
    if (key === undefined) return Promise.reject(wipedError());
    if (counter >>> 0 !== counter) return Promise.reject(counterError());
    return this.#subtle.encrypt(this.#parametersFor(counter, aad), key, plaintext);
  }

  open(
    counter: number,
    aad: Uint8Array<ArrayBuffer>,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer> {
    const key = this.#key;
    if (key === undefined) return Promise.reject(wipedError());
    if (counter >>> 0 !== counter) return Promise.reject(counterError());
    return this.#subtle.decrypt(this.#parametersFor(counter, aad), key, sealed);
  }

  wipe(): void {
    this.#key = undefined;
    this.#nonce.fill(0);
  }

  /**
   * The same object each time. WebCrypto copies all of it before the call returns (its section on
   * normalizing an algorithm), and handing over a new typed array costs as much as the rest.
   */
  #parametersFor(counter: number, aad: Uint8Array<ArrayBuffer>): AesGcmParams {
    this.#nonceTail.setUint32(0, this.#saltTail ^ counter);
    this.#parameters.additionalData = aad;
    return this.#parameters;
  }
}

class ReferenceFrameCipher implements FrameCipher {
  readonly #suite: CipherSuite;
  #secrets: FrameSecrets | undefined;

  constructor(suite: CipherSuite, secrets: FrameSecrets) {
    this.#suite = suite;
    this.#secrets = secrets;
  }

  async seal(counter: number, aad: Uint8Array, plaintext: Uint8Array): Promise<ArrayBuffer> {
    const { key, salt } = this.#requireSecrets();
    if (counter >>> 0 !== counter) throw counterError();
    return Uint8Array.from(this.#suite.seal(key, nonceOf(salt, counter), aad, plaintext)).buffer;
  }

  async open(counter: number, aad: Uint8Array, sealed: Uint8Array): Promise<ArrayBuffer> {
    const { key, salt } = this.#requireSecrets();
    if (counter >>> 0 !== counter) throw counterError();
    return Uint8Array.from(this.#suite.open(key, nonceOf(salt, counter), aad, sealed)).buffer;
  }

  wipe(): void {
    this.#secrets?.key.fill(0);
    this.#secrets?.salt.fill(0);
    this.#secrets = undefined;
  }

  #requireSecrets(): FrameSecrets {
    if (this.#secrets === undefined) throw wipedError();
    return this.#secrets;
  }
}

function counterError(): FrameError {
  return new FrameError("bad-argument", "a counter must be a whole number below 2^32");
}

function wipedError(): FrameError {
  return new FrameError("wiped", "the key is gone");
}
