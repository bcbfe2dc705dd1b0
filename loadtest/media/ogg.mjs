const pageHeaderBytes = 27;
const segmentCountAt = 26;
/** A packet goes on in the next segment while segments are full (RFC 3533 section 5). */
const fullSegment = 255;
/** `OpusHead` and `OpusTags` (RFC 7845 section 3). */
const headerPackets = 2;

/**
 * The Opus packets of an Ogg file with one stream.
 *
 * @param {Buffer} file
 * @returns {Buffer[]}
 */
export function oggPackets(file) {
  /** @type {Buffer[]} */
  const packets = [];
  /** @type {Buffer[]} */
  let parts = [];
  for (let at = 0; at < file.length;) {
    if (file.toString("latin1", at, at + 4) !== "OggS") throw new Error(`no Ogg page at ${at}`);
    const lengths = file.subarray(
      at + pageHeaderBytes,
      at + pageHeaderBytes + file.readUInt8(at + segmentCountAt),
    );
    at += pageHeaderBytes + lengths.length;
    for (const length of lengths) {
      parts.push(file.subarray(at, at + length));
      at += length;
      if (length === fullSegment) continue;
      packets.push(Buffer.concat(parts));
      parts = [];
    }
  }
  return packets.slice(headerPackets);
}
