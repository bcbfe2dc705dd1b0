import type { CipherGCM, DecipherGCM, KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import { packAudio, unpackAudio } from "../../src/e2ee/frame/audio-payload.ts";
import { contextOf, kindOf } from "../../src/e2ee/frame/media-source.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
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
const CODEC_NUMBER = { audio: 1, video: 2 } as const;
const KIND_NUMBER = { audio: 0, video: 1 } as const;
/** RFC 6386 section 9.1, and docs/e2ee-frames.md: what stays readable of VP8. */
const KEY_FRAME_CLEAR_BYTES = 10;
const INTER_FRAME_CLEAR_BYTES = 1;
const KEY_BYTES = { 4: 16, 5: 32 } as const;

/** One key id's key and salt, ready for use. */
export class SealingKey {
  readonly keyId: number;
  readonly source: MediaSource;
  readonly #algorithm: "aes-128-gcm" | "aes-256-gcm";
  /** Made once: of plain bytes Node would make one for each frame, which costs more than the frame. */
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);

  /** Throws `EngineError` (`bad-input`). */
  constructor({ keyId, suite, key, salt, source }: FrameKey) {
    this.keyId = keyId;
    this.source = source;
    this.#algorithm = suite === 4 ? "aes-128-gcm" : "aes-256-gcm";
    this.#key = createSecretKey(bytesOf(key, KEY_BYTES[suite]));
    this.#salt = bytesOf(salt, NONCE_BYTES);
  }

  /** Clear bytes, header, ciphertext and tag. `previous` goes along with audio. */
  seal(frame: Uint8Array, counter: number, previous?: Uint8Array): Buffer {
    const kind = kindOf(this.source);
    const header = headerOf(this.keyId, counter);
    const clear = frame.subarray(0, kind === "video" ? clearBytesOf(frame) : 0);
    const cipher: CipherGCM = createCipheriv(this.#algorithm, this.#key, this.#nonceOf(counter));
    cipher.setAAD(associatedData(header, this.source, clear));
    const plaintext = kind === "audio" ? packAudio(frame, previous) : frame;
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([clear, header, ciphertext, cipher.getAuthTag()]);
  }

  /** The frame; undefined when the tag doesn't match or the padding is wrong. */
  open({ clear, header, counter, body }: SealedParts): Uint8Array | undefined {
    if (body.length < TAG_BYTES) return undefined;
    const nonce = this.#nonceOf(counter);
    const decipher: DecipherGCM = createDecipheriv(this.#algorithm, this.#key, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(header, this.source, clear));
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    const plaintext = decipher.update(body.subarray(0, body.length - TAG_BYTES));
    try {
      decipher.final();
      if (kindOf(this.source) === "video") return plaintext;
      return unpackAudio(Uint8Array.from(plaintext).buffer).frame;
    } catch {
      return undefined;
    }
  }

  /** The salt XOR the counter, RFC 9605 section 4.4.3. Holds until the next call. */
  #nonceOf(counter: number): Buffer {
    this.#nonce.set(this.#salt);
    const low = this.#nonce.readUInt32BE(NONCE_BYTES - 4);
    this.#nonce.writeUInt32BE((low ^ counter) >>> 0, NONCE_BYTES - 4);
    return this.#nonce;
  }
}

export interface SealedParts {
  readonly clear: Uint8Array;
  readonly header: Buffer;
  readonly keyId: number;
  readonly counter: number;
  /** Ciphertext and tag. */
  readonly body: Buffer;
}

/** Undefined for bytes that are no sealed frame of this source. */
export function takeApart(received: Buffer, source: MediaSource): SealedParts | undefined {
  const clearBytes = kindOf(source) === "video" ? clearBytesOf(received) : 0;
  const rest = received.subarray(clearBytes);
  const configuration = rest[0];
  if (configuration === undefined) return undefined;
  const keyId = readField(rest, 1, configuration >> 4);
  const counter = readField(rest, 1 + keyId.byteLength, configuration & 0x0f);
  const headerBytes = 1 + keyId.byteLength + counter.byteLength;
  if (keyId.byteLength > 4 || counter.byteLength > 4 || rest.length < headerBytes) return undefined;
  return {
    clear: received.subarray(0, clearBytes),
    header: rest.subarray(0, headerBytes),
    keyId: keyId.value,
    counter: counter.value,
    body: rest.subarray(headerBytes),
  };
}

/** RFC 9605 section 4.3, for numbers of at most 32 bits. */
function headerOf(keyId: number, counter: number): Buffer {
  const keyBytes = fieldBytes(keyId);
  const counterBytes = fieldBytes(counter);
  const header = Buffer.alloc(1 + keyBytes + counterBytes);
  header[0] = (nibble(keyId, keyBytes) << 4) | nibble(counter, counterBytes);
  if (keyBytes > 0) header.writeUIntBE(keyId, 1, keyBytes);
  if (counterBytes > 0) header.writeUIntBE(counter, 1 + keyBytes, counterBytes);
  return header;
}

function fieldBytes(value: number): number {
  return value <= 7 ? 0 : 4 - (Math.clz32(value) >>> 3);
}

function nibble(value: number, byteLength: number): number {
  return byteLength === 0 ? value : 8 | (byteLength - 1);
}

function readField(
  bytes: Buffer,
  offset: number,
  bits: number,
): { value: number; byteLength: number } {
  if ((bits & 8) === 0) return { value: bits, byteLength: 0 };
  const byteLength = (bits & 7) + 1;
  const isThere = byteLength <= 4 && offset + byteLength <= bytes.length;
  return { value: isThere ? bytes.readUIntBE(offset, byteLength) : 0, byteLength };
}

function associatedData(header: Uint8Array, source: MediaSource, clear: Uint8Array): Buffer {
  const kind = kindOf(source);
  const data = Buffer.alloc(header.length + 6 + clear.length);
  data.set(header);
  data[header.length] = METADATA_FORMAT;
  data[header.length + 1] = KIND_NUMBER[kind];
  data[header.length + 2] = contextOf(source);
  data[header.length + 3] = CODEC_NUMBER[kind];
  data.writeUInt16BE(clear.length, header.length + 4);
  data.set(clear, header.length + 6);
  return data;
}

function clearBytesOf(frame: Uint8Array): number {
  const isKeyFrame = ((frame[0] ?? 0) & 1) === 0;
  return Math.min(frame.length, isKeyFrame ? KEY_FRAME_CLEAR_BYTES : INTER_FRAME_CLEAR_BYTES);
}

function bytesOf(text: string, byteLength: number): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== byteLength) {
    throw new EngineError("bad-input", `expected ${byteLength} bytes in base64url`);
  }
  return bytes;
}
