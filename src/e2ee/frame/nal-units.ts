/** A NAL unit within a byte stream, ITU-T H.264 annex B: from its header to before the next unit. */
export interface NalUnit {
  readonly start: number;
  readonly end: number;
  /** `nal_unit_type` of section 7.4.1, 0 to 31. */
  readonly type: number;
}

const TYPE_MASK = 0x1f;
const START_CODE = Uint8Array.of(0, 0, 0, 1);

/**
 * The units of a byte stream one after another, read only as far as they are asked for. Zeros
 * before a start code belong to no unit (`trailing_zero_8bits`, `zero_byte`). Nothing for bytes
 * that do not begin with a start code.
 */
export function* nalUnitsOf(bytes: Uint8Array): Generator<NalUnit, void> {
  let codeAt = findStartCode(bytes, 0);
  if (codeAt === undefined || bytes.subarray(0, codeAt).some((byte) => byte !== 0)) return;
  while (codeAt !== undefined) {
    const start: number = codeAt + 3;
    codeAt = findStartCode(bytes, start);
    let end: number = codeAt ?? bytes.length;
    if (codeAt !== undefined) while (end > start && bytes[end - 1] === 0) end -= 1;
    if (end > start) yield { start, end, type: (bytes[start] ?? 0) & TYPE_MASK };
  }
}

/** The same units, each behind a start code of four bytes, which is how depacketizers write them. */
export function joinNalUnits(
  bytes: Uint8Array,
  units: readonly Pick<NalUnit, "start" | "end">[],
): Uint8Array<ArrayBuffer> {
  const length = units.reduce((sum, { start, end }) => sum + START_CODE.length + end - start, 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const { start, end } of units) {
    joined.set(START_CODE, offset);
    joined.set(bytes.subarray(start, end), offset + START_CODE.length);
    offset += START_CODE.length + end - start;
  }
  return joined;
}

/** Where the next `00 00 01` begins. */
function findStartCode(bytes: Uint8Array, from: number): number | undefined {
  for (let index = from; ; index += 1) {
    const one: number = bytes.indexOf(1, index + 2);
    if (one === -1) return undefined;
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0) return one - 2;
    index = one - 2;
  }
}
