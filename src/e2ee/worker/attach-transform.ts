import { kindOf } from "../frame/media-source.ts";
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
 * Chromium. Audio is received by the latter where there are both: only there does Chromium take
 * frames that repair a loss. Chromium ignores a transform that is set later than the task that
 * made the sender, so this is synchronous and must be called at once. Throws
 * `TransformUnsupportedError`.
 */
export const attachTransform: AttachTransform = (end, worker, target) => {
  const hasTransform = typeof RTCRtpScriptTransform === "function";
  const isHeard = target.role === "receiver" && kindOf(target.source) === "audio";
  const streams = hasTransform && !isHeard ? undefined : createEncodedStreams(end);
  if (streams !== undefined) {
    const { readable, writable } = streams;
    const message = { type: "attach", target, readable, writable } satisfies HostMessage;
    worker.postMessage(message, [readable, writable]);
    return;
  }
  if (!hasTransform) throw new TransformUnsupportedError();
  end.transform = new RTCRtpScriptTransform(worker, target);
};

/**
 * True when this browser can seal media, by either way. Sealed frames are made in buffers that
 * grow in place, which came to Chromium (114) later than its encoded streams.
 */
export function canTransform(): boolean {
  if (!("transfer" in ArrayBuffer.prototype)) return false;
  if (typeof RTCRtpScriptTransform === "function") return true;
  return typeof RTCRtpSender === "function" && "createEncodedStreams" in RTCRtpSender.prototype;
}

/** Undefined where the browser, or the connection by its configuration, has no such streams. */
function createEncodedStreams(end: RTCRtpSender | RTCRtpReceiver): FrameStreams | undefined {
  const create: unknown = Reflect.get(end, "createEncodedStreams");
  if (typeof create !== "function") return undefined;
  try {
    return parseFrameStreams(Reflect.apply(create, end, []));
  } catch {
    return undefined;
  }
}
