/**
 * The product's worker, which besides tells its page what each frame was before it was sealed, so
 * that a test can look for it where it must not be.
 */
import type { EncodedFrame } from "../../../src/e2ee/worker/encoded-frame.ts";
import { parseFrameStreams } from "../../../src/e2ee/worker/frame-streams.ts";
import type { HostMessage } from "../../../src/e2ee/worker/messages.ts";
import { TransformService } from "../../../src/e2ee/worker/transform-service.ts";
import { parseTransformTarget } from "../../../src/e2ee/worker/transform-target.ts";
import { systemClock } from "../../../src/lib/clock.ts";

/** What this worker posts beside the product's own messages. */
export interface RecordedFrame {
  readonly type: "recorded";
  readonly source: string;
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
  const recorder = new TransformStream<EncodedFrame, EncodedFrame>({
    transform(frame, controller) {
      const { source } = target;
      const data = frame.data.slice(0);
      postMessage({ type: "recorded", source, data } satisfies RecordedFrame);
      controller.enqueue(frame);
    },
  });
  service.attach(target, {
    readable: streams.readable.pipeThrough(recorder),
    writable: streams.writable,
  });
});
