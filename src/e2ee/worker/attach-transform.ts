import type { FrameStreams } from "./frame-streams.ts";
import { parseFrameStreams } from "./frame-streams.ts";
import type { HostMessage, TransformTarget } from "./messages.ts";

/** Thrown in a browser that offers no way to seal media. There is no call without one. */
export class TransformUnsupportedError extends Error {
  readonly code = "transform-unsupported";

  constructor() {
    super("this browser cannot seal media: it has no encoded transforms");
    this.name = "TransformUnsupportedError";
  }
}

/** Puts the worker into the way of all frames of a sender or receiver. */
export type AttachTransform = (
  end: RTCRtpSender | RTCRtpReceiver,
  worker: Worker,
  target: TransformTarget,
) => void;

/**
 * By RTCRtpScriptTransform where there is one, otherwise by the older createEncodedStreams of
 * Chromium. Chromium ignores a transform that is set later than the task that made the sender, so
 * this is synchronous and must be called at once. Throws `TransformUnsupportedError`.
 */
export const attachTransform: AttachTransform = (end, worker, target) => {
  if (typeof RTCRtpScriptTransform === "function") {
    end.transform = new RTCRtpScriptTransform(worker, target);
    return;
  }
  const { readable, writable } = createEncodedStreams(end);
  const message = { type: "attach", target, readable, writable } satisfies HostMessage;
  worker.postMessage(message, [readable, writable]);
};

/** True when this browser can seal media, by either way. */
export function canTransform(): boolean {
  if (typeof RTCRtpScriptTransform === "function") return true;
  return typeof RTCRtpSender === "function" && "createEncodedStreams" in RTCRtpSender.prototype;
}

function createEncodedStreams(end: RTCRtpSender | RTCRtpReceiver): FrameStreams {
  const create: unknown = Reflect.get(end, "createEncodedStreams");
  if (typeof create !== "function") throw new TransformUnsupportedError();
  const streams = parseFrameStreams(Reflect.apply(create, end, []));
  if (streams === undefined) throw new TransformUnsupportedError();
  return streams;
}
