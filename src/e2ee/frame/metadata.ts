import type { MediaSource } from "../../protocol/media.ts";
import type { ClearBytes, FrameCodec } from "./frame-codec.ts";
import { mediaHeaderBytes, writeMediaHeader } from "./media-header.ts";
import { contextOf } from "./media-source.ts";

const FORMAT = 2;
const FIXED_BYTES = 6;
const KIND_NUMBER = { audio: 0, video: 1 } as const;
/** Fewer bytes are copied faster one by one than by a view of their own. */
const FEW_BYTES = 16;

/**
 * The metadata of RFC 9605 section 4.4.3. It is never sent; both sides know it. It says its own
 * form, kind, stream context and codec, how many bytes are in clear, and those bytes:
 *
 * `2 || kind || context || codec || clear length (2 bytes) || clear bytes`
 */
export function metadataOf(
  source: MediaSource,
  codec: FrameCodec,
  clear: ClearBytes,
): Uint8Array<ArrayBuffer> {
  const metadata = new Uint8Array(FIXED_BYTES + clear.length);
  writeMetadata(metadata, 0, contextOf(source), codec, clear);
  return metadata;
}

/**
 * The associated data of one stream's frames: the SFrame header, then the metadata. So a frame
 * whose clear bytes were changed, shortened or extended does not open, and neither does one that
 * is passed off as another stream, kind or codec.
 */
export class AssociatedData {
  readonly #context: number;
  /** The next frame's is nearly always as long as the last one's. */
  #bytes = new Uint8Array(0);

  constructor(source: MediaSource) {
    this.#context = contextOf(source);
  }

  /** Holds until it is asked for the next frame's, which is written over it. */
  of(
    keyId: number,
    counter: number,
    codec: FrameCodec,
    clear: ClearBytes,
  ): Uint8Array<ArrayBuffer> {
    const headerBytes = mediaHeaderBytes(keyId, counter);
    const byteLength = headerBytes + FIXED_BYTES + clear.length;
    if (this.#bytes.length !== byteLength) this.#bytes = new Uint8Array(byteLength);
    const bytes = this.#bytes;
    writeMediaHeader(bytes, 0, keyId, counter);
    writeMetadata(bytes, headerBytes, this.#context, codec, clear);
    return bytes;
  }
}

function writeMetadata(
  target: Uint8Array,
  offset: number,
  context: number,
  codec: FrameCodec,
  clear: ClearBytes,
): void {
  target[offset] = FORMAT;
  target[offset + 1] = KIND_NUMBER[codec.kind];
  target[offset + 2] = context;
  target[offset + 3] = codec.id;
  // Two bytes are enough: see MAX_CLEAR_BYTES.
  target[offset + 4] = clear.length >> 8;
  target[offset + 5] = clear.length;
  copyClear(target, offset + FIXED_BYTES, clear);
}

export function copyClear(target: Uint8Array, offset: number, { bytes, length }: ClearBytes): void {
  if (length > FEW_BYTES) {
    target.set(bytes.subarray(0, length), offset);
    return;
  }
  for (let index = 0; index < length; index += 1) target[offset + index] = bytes[index] ?? 0;
}
