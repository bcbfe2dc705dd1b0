import type { EncodedFrame } from "../../../src/e2ee/worker/encoded-frame.ts";

/**
 * What somebody on the way, as a hostile server, does to frames that were sealed.
 *
 * - `none`: forwards them.
 * - `alter-clear`: changes a byte that stays in clear (the last one of VP8's key frame header, or
 *   the only one of other frames in a bit that says nothing of key frames).
 * - `alter-sealed`: changes a byte of the ciphertext.
 * - `replay`: puts the same old frame into the place of each new one.
 * - `unsealed`: puts plaintext into the place of each frame.
 */
export type Attack = "none" | "alter-clear" | "alter-sealed" | "replay" | "unsealed";

/** The way of frames of one sender, and the attack on it. */
export class HostileWay {
  attack: Attack = "none";

  createStream(): TransformStream<EncodedFrame, EncodedFrame> {
    let recorded: { during: Attack; data: ArrayBuffer } | undefined;
    return new TransformStream({
      transform: (frame, controller) => {
        const during = this.attack;
        if (recorded?.during !== during) recorded = { during, data: frame.data.slice(0) };
        frame.data = attacked(during, frame, recorded.data);
        controller.enqueue(frame);
      },
    });
  }
}

function attacked(attack: Attack, frame: EncodedFrame, recorded: ArrayBuffer): ArrayBuffer {
  if (attack === "replay") return recorded.slice(0);
  const bytes = new Uint8Array(frame.data.slice(0));
  const last = bytes.length - 1;
  const isKeyFrame = ((bytes[0] ?? 0) & 1) === 0;
  if (attack === "alter-clear") flip(bytes, isKeyFrame ? 9 : 0, 0x10);
  if (attack === "alter-sealed") flip(bytes, last, 1);
  // Any bytes that nobody sealed will do, behind a first byte that the packetizer accepts.
  if (attack === "unsealed") bytes.fill(0x2a, isKeyFrame ? 10 : 1);
  return bytes.buffer;
}

function flip(bytes: Uint8Array, index: number, mask: number): void {
  bytes[index] = (bytes[index] ?? 0) ^ mask;
}
