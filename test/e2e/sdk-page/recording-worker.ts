/**
 * The product's worker, which besides tells its page what each frame was before and after it was
 * sealed, so that a test can look for the one where it must not be, and for the other where it is.
 */
import type { EncodedFrame } from "../../../src/e2ee/worker/encoded-frame.ts";
import { parseFrameStreams } from "../../../src/e2ee/worker/frame-streams.ts";
import type { HostMessage } from "../../../src/e2ee/worker/messages.ts";
import { TransformService } from "../../../src/e2ee/worker/transform-service.ts";
import { parseTransformTarget } from "../../../src/e2ee/worker/transform-target.ts";
import type { MediaSource } from "../../../src/protocol/media.ts";
import { systemClock } from "../../../src/lib/clock.ts";

export type FrameStage = "plain" | "sealed";

/** What this worker posts beside the product's own messages. */
export interface RecordedFrame {
  readonly type: "recorded";
  readonly source: MediaSource;
  readonly stage: FrameStage;
  readonly data: ArrayBuffer;
}

const service = new TransformService({
  clock: systemClock,
  nowMs: () => performance.now(),
  post: (message) => {
    postMessage(message);
  },
});

addEventListener("message", ({ data }: MessageEvent<HostMessage>) => {
  service.handle(data);
});

addEventListener("rtctransform", (event: Event) => {
  const transformer: unknown = Reflect.get(event, "transformer");
  const streams = parseFrameStreams(transformer);
  const target = parseTransformTarget(Reflect.get(Object(transformer), "options"));
  if (streams === undefined || target === undefined) return;
  if (target.role === "receiver") {
    service.attach(target, streams);
    return;
  }
  const { readable, writable } = recorder(target.source, "sealed");
  readable.pipeTo(streams.writable).catch(() => {});
  const plain = streams.readable.pipeThrough(recorder(target.source, "plain"));
  service.attach(target, { readable: plain, writable });
});

function recorder(
  source: MediaSource,
  stage: FrameStage,
): TransformStream<EncodedFrame, EncodedFrame> {
  return new TransformStream({
    transform(frame, controller) {
      const data = frame.data.slice(0);
      postMessage({ type: "recorded", source, stage, data } satisfies RecordedFrame);
      controller.enqueue(frame);
    },
  });
}
