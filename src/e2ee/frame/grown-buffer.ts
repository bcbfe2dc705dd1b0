/** Below this, a new buffer costs less than giving the old one back at once. */
const SMALL_BYTES = 4_096;

/**
 * The same bytes behind `headroom` bytes of room, in a buffer that is just as large as that. The
 * old buffer must not be used any more: a large one is given back to the allocator at once instead
 * of at the next garbage collection. With a new buffer beside it, a frame of 30 kB took twice as
 * long.
 */
export function withHeadroom(buffer: ArrayBuffer, headroom: number): Uint8Array<ArrayBuffer> {
  const { byteLength } = buffer;
  if (byteLength < SMALL_BYTES) {
    const copy = new Uint8Array(byteLength + headroom);
    copy.set(new Uint8Array(buffer), headroom);
    return copy;
  }
  const grown = new Uint8Array(buffer.transfer(byteLength + headroom));
  grown.copyWithin(headroom, 0, byteLength);
  return grown;
}
