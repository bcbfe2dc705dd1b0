/**
 * @typedef {object} IvfFormat
 * @property {string} fourcc
 * @property {number} width
 * @property {number} height
 * @property {number} framesPerSecond
 */

const headerBytes = 32;
const frameHeaderBytes = 12;

/**
 * The container that libvpx writes: a header, then for each frame its length, its number and its
 * bytes, all little-endian.
 *
 * @param {IvfFormat} format
 * @param {readonly Uint8Array[]} frames
 * @returns {Uint8Array}
 */
export function ivfFile({ fourcc, width, height, framesPerSecond }, frames) {
  const header = Buffer.alloc(headerBytes);
  header.write("DKIF", 0, "latin1");
  header.writeUInt16LE(headerBytes, 6);
  header.write(fourcc, 8, "latin1");
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(framesPerSecond, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const parts = frames.flatMap((frame, index) => {
    const frameHeader = Buffer.alloc(frameHeaderBytes);
    frameHeader.writeUInt32LE(frame.length, 0);
    frameHeader.writeBigUInt64LE(BigInt(index), 4);
    return [frameHeader, frame];
  });
  return Buffer.concat([header, ...parts]);
}
