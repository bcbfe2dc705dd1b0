const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;

/**
 * Decimal digits to read aloud: each 5 bytes, as a big-endian number modulo 10^5, give 5 digits.
 * Throws `RangeError` when there are too few bytes for the groups.
 */
export function toDigits(bytes: Uint8Array, groups: number): string {
  if (bytes.length < groups * GROUP_BYTES) throw new RangeError("too few bytes for the digits");
  return Array.from({ length: groups }, (_, group) => {
    // 40 bits fit into a double exactly.
    let value = 0;
    for (const byte of bytes.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)) {
      value = value * 256 + byte;
    }
    return String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0");
  }).join("");
}
