/** What is looked for in places where it must not be: bytes, in one of the forms they may take. */
export interface Trace {
  /** Says what was found, and in which form. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** Shorter ones would be found by chance. */
const MIN_BYTES = 6;

/** All forms that a text may lie in memory or travel in. */
export function tracesOfText(what: string, text: string): Trace[] {
  const utf8 = Buffer.from(text, "utf8");
  return [
    ...tracesOfBytes(what, utf8),
    { what: `${what} as UTF-16`, bytes: Buffer.from(text, "utf16le") },
    { what: `${what} as JSON`, bytes: Buffer.from(escaped(text)) },
    { what: `${what} as Latin-1`, bytes: Buffer.from(text, "latin1") },
  ];
}

/** All forms that a key or a frame may lie in memory or travel in. */
export function tracesOfBytes(what: string, bytes: Uint8Array): Trace[] {
  const raw = Buffer.from(bytes);
  if (raw.length < MIN_BYTES) throw new Error(`${what} is too short to be looked for`);
  const hex = raw.toString("hex");
  const texts = new Set([hex, hex.toUpperCase(), ...base64Forms(raw)]);
  return [
    { what, bytes: raw },
    ...[...texts].flatMap((text) => [
      { what: `${what} as ${text}`, bytes: Buffer.from(text, "latin1") },
      { what: `${what} as ${text} in UTF-16`, bytes: Buffer.from(text, "utf16le") },
    ]),
  ];
}

/**
 * Base64 shows the same bytes in three ways, depending on where within three bytes they begin.
 * What neighbours have a part in is cut off.
 */
function base64Forms(raw: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), raw]);
    const whole = shifted.subarray(0, shifted.length - (shifted.length % 3));
    const base64 = whole.toString("base64").slice(shift === 0 ? 0 : 4);
    return [base64, base64.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const code = text.charCodeAt(index);
    return code < 0x7f ? text.charAt(index) : `\\u${code.toString(16).padStart(4, "0")}`;
  }).join("");
}

/** Looks for many traces at once, in one pass over the bytes. */
export class TraceSearch {
  /** By their first two bytes. */
  readonly #traces = new Map<number, Trace[]>();
  readonly #isFirst = new Uint8Array(0x1_0000);

  constructor(traces: readonly Trace[]) {
    for (const trace of traces) {
      const first = trace.bytes.readUInt16LE(0);
      this.#isFirst[first] = 1;
      this.#traces.set(first, [...(this.#traces.get(first) ?? []), trace]);
    }
  }

  /** What of them is in these bytes, each once. */
  findIn(bytes: Uint8Array): Set<string> {
    const found = new Set<string>();
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const isFirst = this.#isFirst;
    let before = bytes[0] ?? 0;
    for (let index = 1; index < bytes.length; index += 1) {
      const current = bytes[index] ?? 0;
      const first = before | (current << 8);
      before = current;
      if (isFirst[first] === 0) continue;
      for (const { what, bytes: wanted } of this.#traces.get(first) ?? []) {
        const start = index - 1;
        const end = start + wanted.length;
        if (end <= haystack.length && wanted.compare(haystack, start, end) === 0) found.add(what);
      }
    }
    return found;
  }
}
