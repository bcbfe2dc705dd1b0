/**
 * The entry of the worker in which all frames are sealed and opened. The page starts it, hands it
 * the keys of each epoch, and learns counters and causes; media never leaves it unsealed.
 */
import { systemClock } from "../../lib/clock.ts";
import { makeAudioFrame } from "./encoded-frame.ts";
import { parseFrameStreams } from "./frame-streams.ts";
import type { HostMessage, WorkerMessage } from "./messages.ts";
import { parseTransformTarget } from "./transform-target.ts";
import { TransformService } from "./transform-service.ts";

const service = new TransformService({
  clock: systemClock,
  nowMs: () => performance.now(),
  post: (message) => {
    postMessage(message satisfies WorkerMessage);
  },
  makeAudioFrame,
});

addEventListener("message", (event: MessageEvent<HostMessage>) => {
  service.handle(event.data);
});

addEventListener("rtctransform", (event: Event) => {
  const transformer: unknown = Reflect.get(event, "transformer");
  const streams = parseFrameStreams(transformer);
  if (streams === undefined) return;
  const target = parseTransformTarget(Reflect.get(Object(transformer), "options"));
  // Without a target nothing is read from the streams, so nothing passes them.
  if (target !== undefined) service.attach(target, streams);
});
