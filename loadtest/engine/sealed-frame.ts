import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import { packAudio, unpackAudio } from "../../src/e2ee/frame/audio-payload.ts";
import { contextOf, kindOf } from "../../src/e2ee/frame/media-source.ts";
import type { MediaKind, MediaSource } from "../../src/protocol/index.ts";
import { fromBase64Url } from "../../src/lib/base64url.ts";
import { EngineError } from "./engine-error.ts";
import type { FrameKey } from "./media-engine.ts";

/**
 * The sealing of `docs/e2ee-frames.md`, synchronous and for the two codecs that an engine sends: a
 * frame must leave in the tick in which it is due. A test holds it to the client's own sealing.
 */
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const METADATA_FORMAT = 2;
const METADATA_BYTES = 6;
const CODEC_NUMBER = { audio: 1, video: 2 } as const;
const KIND_NUMBER = { audio: 0, video: 1 } as const;
/** RFC 6386 section 9.1, and docs/e2ee-frames.md: what stays readable of VP8. */
const KEY_FRAME_CLEAR_BYTES = 10;
const INTER_FRAME_CLEAR_BYTES = 1;
const KEY_BYTES = { 4: 16, 5: 32 } as const;
/** RFC 9605 section 4.3, for numbers of at most 32 bits. */
const MAX_FIELD_BYTES = 4;
const MAX_HEADER_BYTES = 1 + 2 * MAX_FIELD_BYTES;
const DECIPHER_OPTIONS = { authTagLength: TAG_BYTES } as const;

/** Associated data by its length, all in one place: to make a view costs more than to fill it. */
const associatedDataOf = viewsOf(MAX_HEADER_BYTES + METADATA_BYTES + KEY_FRAME_CLEAR_BYTES);

/** One key id's key and salt, ready for use. */
export class SealingKey {
  readonly keyId: number;
  readonly source: MediaSource;
  readonly #kind: MediaKind;
  readonly #context: number;
  readonly #algorithm: "aes-128-gcm" | "aes-256-gcm";
  /** Made once: of plain bytes Node would make one for each frame, which costs more than the frame. */
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  #padded: Uint8Array<ArrayBuffer> | undefined;

  /** Throws `EngineError` (`bad-input`). */
  constructor({ keyId, suite, key, salt, source }: FrameKey) {
    this.keyId = keyId;
    this.source = source;
    this.#kind = kindOf(source);
    this.#context = contextOf(source);
    this.#algorithm = suite === 4 ? "aes-128-gcm" : "aes-256-gcm";
    this.#key = createSecretKey(bytesOf(key, KEY_BYTES[suite]));
    this.#salt = bytesOf(salt, NONCE_BYTES);
  }

  /** Clear bytes, header, ciphertext and tag. `previous` goes along with audio. */
  seal(frame: Uint8Array, counter: number, previous?: Uint8Array): Buffer {
    const plaintext = this.#plaintextOf(frame, previous);
    const clearBytes = clearBytesOf(frame, this.#kind);
    const keyBytes = fieldBytes(this.keyId);
    const counterBytes = fieldBytes(counter);
    const headerBytes = 1 + keyBytes + counterBytes;
    const bodyAt = clearBytes + headerBytes;
    const sealed = Buffer.allocUnsafe(bodyAt + plaintext.length + TAG_BYTES);
    for (let at = 0; at < clearBytes; at += 1) sealed[at] = frame[at] ?? 0;
    sealed[clearBytes] = (nibble(this.keyId, keyBytes) << 4) | nibble(counter, counterBytes);
    if (keyBytes > 0) sealed.writeUIntBE(this.keyId, clearBytes + 1, keyBytes);
    if (counterBytes > 0) sealed.writeUIntBE(counter, clearBytes + 1 + keyBytes, counterBytes);
    const cipher = createCipheriv(this.#algorithm, this.#key, this.#nonceOf(counter));
    cipher.setAAD(this.#associatedData(sealed, clearBytes, headerBytes));
    sealed.set(cipher.update(plaintext), bodyAt);
    cipher.final();
    sealed.set(cipher.getAuthTag(), sealed.length - TAG_BYTES);
    return sealed;
  }

  /** The frame; undefined when the tag doesn't match or the padding is wrong. */
  open({ bytes, clearBytes, headerBytes, counter }: SealedFrame): Uint8Array | undefined {
    const bodyAt = clearBytes + headerBytes;
    const tagAt = bytes.length - TAG_BYTES;
    if (tagAt < bodyAt) return undefined;
    const nonce = this.#nonceOf(counter);
    const decipher = createDecipheriv(this.#algorithm, this.#key, nonce, DECIPHER_OPTIONS);
    decipher.setAAD(this.#associatedData(bytes, clearBytes, headerBytes));
    decipher.setAuthTag(bytes.subarray(tagAt));
    const plaintext = decipher.update(bytes.subarray(bodyAt, tagAt));
    try {
      decipher.final();
      return this.#kind === "video" ? plaintext : unpackAudio(ownBufferOf(plaintext)).frame;
    } catch {
      return undefined;
    }
  }

  #plaintextOf(frame: Uint8Array, previous: Uint8Array | undefined): Uint8Array {
    if (this.#kind === "video") return frame;
    this.#padded = packAudio(frame, previous, this.#padded);
    return this.#padded;
  }

  /** Header, metadata and clear bytes of a frame that has them in place. Holds until the next call. */
  #associatedData(frame: Buffer, clearBytes: number, headerBytes: number): Buffer {
    const data = associatedDataOf(headerBytes + METADATA_BYTES + clearBytes);
    for (let at = 0; at < headerBytes; at += 1) data[at] = frame[clearBytes + at] ?? 0;
    data[headerBytes] = METADATA_FORMAT;
    data[headerBytes + 1] = KIND_NUMBER[this.#kind];
    data[headerBytes + 2] = this.#context;
    data[headerBytes + 3] = CODEC_NUMBER[this.#kind];
    data[headerBytes + 4] = 0;
    data[headerBytes + 5] = clearBytes;
    const clearAt = headerBytes + METADATA_BYTES;
    for (let at = 0; at < clearBytes; at += 1) data[clearAt + at] = frame[at] ?? 0;
    return data;
  }

  /** The salt XOR the counter, RFC 9605 section 4.4.3. Holds until the next call. */
  #nonceOf(counter: number): Buffer {
    this.#nonce.set(this.#salt);
    const low = this.#nonce.readUInt32BE(NONCE_BYTES - 4);
    this.#nonce.writeUInt32BE((low ^ counter) >>> 0, NONCE_BYTES - 4);
    return this.#nonce;
  }
}

export interface SealedFrame {
  /** Clear bytes, header, ciphertext and tag. */
  readonly bytes: Buffer;
  readonly clearBytes: number;
  readonly headerBytes: number;
  readonly keyId: number;
  readonly counter: number;
}

/** Undefined for bytes that are no sealed frame of this kind. RFC 9605 section 4.3. */
export function readSealed(bytes: Buffer, kind: MediaKind): SealedFrame | undefined {
  const clearBytes = clearBytesOf(bytes, kind);
  const configuration = bytes[clearBytes];
  if (configuration === undefined) return undefined;
  const [keyBits, counterBits] = [configuration >> 4, configuration & 0x0f];
  const keyBytes = (keyBits & 8) === 0 ? 0 : (keyBits & 7) + 1;
  const counterBytes = (counterBits & 8) === 0 ? 0 : (counterBits & 7) + 1;
  const headerBytes = 1 + keyBytes + counterBytes;
  if (keyBytes > MAX_FIELD_BYTES || counterBytes > MAX_FIELD_BYTES) return undefined;
  if (bytes.length < clearBytes + headerBytes) return undefined;
  const at = clearBytes + 1;
  return {
    bytes,
    clearBytes,
    headerBytes,
    keyId: keyBytes === 0 ? keyBits : bytes.readUIntBE(at, keyBytes),
    counter: counterBytes === 0 ? counterBits : bytes.readUIntBE(at + keyBytes, counterBytes),
  };
}

function fieldBytes(value: number): number {
  return value <= 7 ? 0 : 4 - (Math.clz32(value) >>> 3);
}

function nibble(value: number, byteLength: number): number {
  return byteLength === 0 ? value : 8 | (byteLength - 1);
}

function clearBytesOf(frame: Uint8Array, kind: MediaKind): number {
  if (kind === "audio") return 0;
  const isKeyFrame = ((frame[0] ?? 0) & 1) === 0;
  return Math.min(frame.length, isKeyFrame ? KEY_FRAME_CLEAR_BYTES : INTER_FRAME_CLEAR_BYTES);
}

/** The first bytes of one piece of memory, as many as are asked for. */
function viewsOf(maxBytes: number): (byteLength: number) => Buffer {
  const memory = Buffer.alloc(maxBytes);
  const views = Array.from({ length: maxBytes + 1 }, (_, length) => memory.subarray(0, length));
  return (byteLength) => views[byteLength] ?? memory;
}

function ownBufferOf(bytes: Buffer<ArrayBuffer>): ArrayBuffer {
  const { buffer } = bytes;
  return buffer.byteLength === bytes.length ? buffer : Uint8Array.from(bytes).buffer;
}

function bytesOf(text: string, byteLength: number): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== byteLength) {
    throw new EngineError("bad-input", `expected ${byteLength} bytes in base64url`);
  }
  return bytes;
}
