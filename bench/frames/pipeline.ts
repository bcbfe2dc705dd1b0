import { Keyring } from "../../src/e2ee/frame/keyring.ts";
import type { EncodedFrame } from "../../src/e2ee/worker/encoded-frame.ts";
import { SenderPipeline } from "../../src/e2ee/worker/sender-pipeline.ts";
import { median } from "./samples.ts";
import { interFrame, keysOf } from "./subject.ts";

/**
 * One second of a 720p30 sender: three simulcast layers at 1.5, 0.5 and 0.15 Mbit/s, and Opus at
 * 32 kbit/s in packets of 20 ms.
 */
const SECOND = [
  { source: "camera", mimeType: "video/vp8", bytes: 6_250, perSecond: 30 },
  { source: "camera", mimeType: "video/vp8", bytes: 2_080, perSecond: 30 },
  { source: "camera", mimeType: "video/vp8", bytes: 625, perSecond: 30 },
  { source: "microphone", mimeType: "audio/opus", bytes: 80, perSecond: 50 },
] as const;

/**
 * Percent of a core that sealing such a second takes, each frame through streams as in the worker.
 * It is the time from the first frame to the last without a pause, the cipher's threads included.
 */
export async function measureSender(rounds: number): Promise<number> {
  const percents: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let busyMs = 0;
    for (const part of SECOND) {
      const keyring = new Keyring();
      keyring.setEpoch(keysOf(1));
      const pipeline = new SenderPipeline(
        { role: "sender", id: "bench", source: part.source },
        keyring,
        () => 0,
      );
      const frame = interFrame(part.bytes);
      // The first frame waits for the key to be derived, which a call does once in an epoch.
      await pass(pipeline, frame, part.mimeType, 1);
      busyMs += await pass(pipeline, frame, part.mimeType, part.perSecond);
      keyring.close("measured");
    }
    percents.push(busyMs / 10);
  }
  return median(percents);
}

async function pass(
  pipeline: SenderPipeline,
  bytes: Uint8Array<ArrayBuffer>,
  mimeType: string,
  count: number,
): Promise<number> {
  const frames: EncodedFrame[] = Array.from({ length: count }, () => ({
    data: bytes.slice().buffer,
    getMetadata: () => ({ mimeType }),
  }));
  let written = 0;
  const startMs = performance.now();
  await new ReadableStream<EncodedFrame>({
    pull(controller) {
      const frame = frames.pop();
      if (frame === undefined) controller.close();
      else controller.enqueue(frame);
    },
  })
    .pipeThrough(
      new TransformStream<EncodedFrame, EncodedFrame>({
        async transform(frame, controller) {
          if (await pipeline.seal(frame)) controller.enqueue(frame);
        },
      }),
    )
    .pipeTo(
      new WritableStream({
        write() {
          written += 1;
        },
      }),
    );
  if (written !== count) throw new Error(`${count - written} frames were not sealed`);
  return performance.now() - startMs;
}
