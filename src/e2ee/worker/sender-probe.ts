import type { SentMedia } from "./transform-watchdog.ts";

/** Sums up what `getStats` says of all layers of a sender. */
export async function readSentMedia(sender: RTCRtpSender): Promise<SentMedia | undefined> {
  let packets = 0;
  let framesEncoded: number | undefined;
  let found = false;
  const report: Iterable<[string, unknown]> = await sender.getStats();
  for (const [, stats] of report) {
    if (typeof stats !== "object" || stats === null) continue;
    if (Reflect.get(stats, "type") !== "outbound-rtp") continue;
    found = true;
    packets += numberOf(stats, "packetsSent") ?? 0;
    const frames = numberOf(stats, "framesEncoded");
    if (frames !== undefined) framesEncoded = (framesEncoded ?? 0) + frames;
  }
  return found ? { packets, framesEncoded } : undefined;
}

/**
 * Asks the encoder for a key frame on every layer, the way Chromium knows. Elsewhere the options
 * are ignored, and the worker asks instead.
 */
export async function askForKeyFrame(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters();
  const options = { encodingOptions: parameters.encodings.map(() => ({ keyFrame: true })) };
  await sender.setParameters(parameters, options);
}

function numberOf(stats: object, name: string): number | undefined {
  const value: unknown = Reflect.get(stats, name);
  return typeof value === "number" ? value : undefined;
}
