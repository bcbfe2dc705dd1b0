import type { Socket } from "socket.io";
import type { Clock } from "../lib/clock.ts";
import { LIMITS } from "../protocol/index.ts";
import type { CutReason } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";
import { TokenBucket } from "./token-bucket.ts";

type EngineConnection = Socket["conn"];

/** What a packet costs at least, so that a flood of empty ones is a flood too. */
const MIN_PACKET_BYTES = 256;

/**
 * Watches one Engine.IO connection from its first byte, below Socket.IO's packets: what it sends,
 * and what waits to be sent to it. It cuts the connection off when that exceeds the limits.
 */
export function guardTraffic(
  connection: EngineConnection,
  options: Pick<SignalingOptions, "bytesPerSecond" | "byteBurst" | "backlogBytes">,
  clock: Clock,
  cut: (reason: CutReason) => void,
): void {
  const received = new TokenBucket(options.bytesPerSecond, options.byteBurst, clock);
  let backlogBytes = 0;
  connection.on("packet", ({ data }: { data?: unknown }) => {
    const bytes = sizeOf(data);
    if (typeof data === "string" && bytes > LIMITS.textPacketBytes) cut("text-too-long");
    else if (!received.take(Math.max(MIN_PACKET_BYTES, bytes))) cut("too-many-bytes");
  });
  connection.on("packetCreate", ({ data }: { data?: unknown }) => {
    backlogBytes += sizeOf(data);
    // Later, since the packet is handed over only after this event.
    if (backlogBytes > options.backlogBytes)
      queueMicrotask(() => backlogBytes > 0 && cut("too-slow"));
  });
  // Engine.IO hands over all that waits as soon as the socket has taken what it got before.
  connection.on("flush", () => {
    backlogBytes = 0;
  });
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  return data instanceof Uint8Array || data instanceof ArrayBuffer ? data.byteLength : 0;
}
