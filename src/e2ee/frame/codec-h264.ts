import { escapeAfter, unescapeAfter } from "./emulation-prevention.ts";
import type { FrameCodec } from "./frame-codec.ts";
import { MAX_CLEAR_BYTES, wholeOf } from "./frame-codec.ts";
import type { NalUnit } from "./nal-units.ts";
import { joinNalUnits, nalUnitsOf } from "./nal-units.ts";

/** Units with a part of the picture: slices and data partitions, ITU-T H.264 table 7-1. */
const FIRST_SLICE_TYPE = 1;
const LAST_SLICE_TYPE = 5;

/**
 * Units that may stand before the picture, and say how it is coded: SEI, sequence and picture
 * parameters, delimiter, filling, and the prefix of a scalable layer.
 */
const PARAMETER_TYPES = new Set([6, 7, 8, 9, 12, 14]);

/** The unit's header, and so much of the slice header that holds the number of its parameters. */
const SLICE_CLEAR_BYTES = 3;

/**
 * H.264 travels as NAL units: a packetizer cuts the frame at its start codes and the other side
 * writes new ones. So a sealed frame is a sequence of units as well.
 *
 * In clear are the units before the picture, which the SFU (is it a key frame) and the receiving
 * side (its size, its parameters) read, and of the first slice the header and two bytes, in which
 * the receiving side finds which parameters it is of. The sealed frame becomes the rest of that
 * slice, escaped so that it holds no start code.
 *
 * Start codes of three bytes become four, since what a depacketizer writes has four. Both sides
 * take the clear bytes in that form, so what the sender used cannot make a difference.
 */
export const H264: FrameCodec = {
  id: 4,
  mimeType: "video/h264",
  kind: "video",
  clearOf(frame) {
    const picture = findPicture(frame);
    return picture === undefined ? undefined : wholeOf(picture.clear);
  },
  find(received) {
    const picture = findPicture(received);
    if (picture === undefined) return undefined;
    const { clear, border } = picture;
    const sealed = unescapeAfter(clear, received.subarray(border));
    return sealed && { clear: wholeOf(clear), bytes: sealed, sealedAt: 0 };
  },
  escape: ({ bytes, length }, sealed) => escapeAfter(bytes.subarray(0, length), sealed),
};

/** The clear bytes, and where in the frame they end. */
function findPicture(
  frame: Uint8Array,
): { clear: Uint8Array<ArrayBuffer>; border: number } | undefined {
  const units: Pick<NalUnit, "start" | "end">[] = [];
  for (const unit of nalUnitsOf(frame)) {
    if (unit.type >= FIRST_SLICE_TYPE && unit.type <= LAST_SLICE_TYPE) {
      const border = unit.start + SLICE_CLEAR_BYTES;
      if (border > unit.end) return undefined;
      const clear = joinNalUnits(frame, [...units, { start: unit.start, end: border }]);
      return clear.length > MAX_CLEAR_BYTES ? undefined : { clear, border };
    }
    if (!PARAMETER_TYPES.has(unit.type)) return undefined;
    units.push(unit);
  }
  return undefined;
}
