/** Bytes of a stamp (`FRAME_STAMP` in loadtest/engine/media-engine.ts). */
const stampBytes = 16;
const frameCountCode = 0b11;
/** RFC 6716 section 3.2.5: constant bit rate, padding, one frame. */
const paddedSingleFrame = 0b0100_0001;

/**
 * The packet of one frame with room for a stamp behind it: of code 3 with padding, which decoders
 * pass over whatever it holds (RFC 6716 section 3.2.5).
 *
 * @param {Buffer} packet of code 0
 * @returns {Buffer}
 */
export function padOpusPacket(packet) {
  const [configuration = 0] = packet;
  if ((configuration & frameCountCode) !== 0) throw new Error("expected packets of one frame");
  const header = [configuration | frameCountCode, paddedSingleFrame, stampBytes];
  return Buffer.concat([Buffer.from(header), packet.subarray(1), Buffer.alloc(stampBytes)]);
}
