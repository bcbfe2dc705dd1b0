import type { MediaSource } from "../../protocol/media.ts";
import type { FrameCodec } from "./frame-codec.ts";
import { contextOf } from "./media-source.ts";

const FORMAT = 2;
const FIXED_BYTES = 6;
const KIND_NUMBER = { audio: 0, video: 1 } as const;

/**
 * The associated data of a media frame: the SFrame header, then the metadata of RFC 9605 section
 * 4.4.3. The metadata is never sent; both sides know it. It says the form of the metadata, kind,
 * stream context and codec, how many bytes are in clear, and those bytes:
 *
 * `header || 2 || kind || context || codec || clear length (2 bytes) || clear bytes`
 *
 * So a frame whose clear bytes were changed, shortened or extended does not open, and neither
 * does one that is passed off as another stream, kind or codec.
 *
 * Written over `reusable` if that has the right length.
 */
export function associatedData(
  header: Uint8Array,
  source: MediaSource,
  codec: FrameCodec,
  clear: Uint8Array,
  reusable?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const byteLength = header.length + FIXED_BYTES + clear.length;
  const aad = reusable?.length === byteLength ? reusable : new Uint8Array(byteLength);
  aad.set(header);
  aad[header.length] = FORMAT;
  aad[header.length + 1] = KIND_NUMBER[codec.kind];
  aad[header.length + 2] = contextOf(source);
  aad[header.length + 3] = codec.id;
  // Two bytes are enough: see MAX_CLEAR_BYTES.
  aad[header.length + 4] = clear.length >> 8;
  aad[header.length + 5] = clear.length;
  aad.set(clear, header.length + FIXED_BYTES);
  return aad;
}
