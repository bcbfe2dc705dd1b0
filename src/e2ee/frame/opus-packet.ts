const SAMPLES_PER_MS = 48;

/** Milliseconds of one frame by the lower bits of the configuration number, RFC 6716 table 2. */
const SILK_MS = [10, 20, 40, 60] as const;
const HYBRID_MS = [10, 20] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;
const FIRST_HYBRID = 12;
const FIRST_CELT = 16;

/**
 * How long an Opus packet sounds, in samples at 48 kHz, which is what RTP timestamps count (RFC
 * 7587 section 4.1). Read from its first two bytes, RFC 6716 section 3.1. 0 for an empty packet.
 */
export function opusDurationSamples(packet: Uint8Array): number {
  const [toc, count = 0] = packet;
  if (toc === undefined) return 0;
  return frameMs(toc >> 3) * SAMPLES_PER_MS * framesIn(toc & 3, count);
}

function frameMs(configuration: number): number {
  if (configuration < FIRST_HYBRID) return SILK_MS[configuration & 3] ?? 0;
  if (configuration < FIRST_CELT) return HYBRID_MS[configuration & 1] ?? 0;
  return CELT_MS[configuration & 3] ?? 0;
}

function framesIn(code: number, count: number): number {
  if (code === 0) return 1;
  return code === 3 ? count & 0x3f : 2;
}
