/** The product's worker, with an attacker between the sealing and the network. */
import { systemClock } from "../../../src/lib/clock.ts";
import { parseFrameStreams } from "../../../src/e2ee/worker/frame-streams.ts";
import type { HostMessage } from "../../../src/e2ee/worker/messages.ts";
import { TransformService } from "../../../src/e2ee/worker/transform-service.ts";
import { parseTransformTarget } from "../../../src/e2ee/worker/transform-target.ts";
import type { Attack } from "./attack.ts";
import { HostileWay } from "./attack.ts";

const hostile = new HostileWay();
const service = new TransformService({
  clock: systemClock,
  nowMs: () => performance.now(),
  post: (message) => {
    postMessage(message);
  },
});

addEventListener("message", ({ data }: MessageEvent<HostMessage | Attack>) => {
  if (typeof data === "string") hostile.attack = data;
  else service.handle(data);
});

addEventListener("rtctransform", (event: Event) => {
  const transformer: unknown = Reflect.get(event, "transformer");
  const streams = parseFrameStreams(transformer);
  const target = parseTransformTarget(Reflect.get(Object(transformer), "options"));
  if (streams === undefined || target === undefined) return;
  const way = hostile.createStream();
  way.readable.pipeTo(streams.writable).catch(() => {});
  service.attach(target, { readable: streams.readable, writable: way.writable });
});
