import type { EncodedFrame } from "./encoded-frame.ts";

/** The two ends of one sender's or receiver's way through the worker. */
export interface FrameStreams {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  /**
   * True where the browser takes frames that did not come from it: Chromium does of what
   * `createEncodedStreams` gave, and drops them silently behind an `RTCRtpScriptTransform`.
   */
  readonly takesMadeFrames?: boolean;
  /**
   * Asks an encoder for a key frame: `generateKeyFrame` the own one (Firefox), `sendKeyFrameRequest`
   * the remote one. Does nothing where the browser knows no such method.
   */
  askForKeyFrame?(method: "generateKeyFrame" | "sendKeyFrameRequest"): void;
}

/**
 * Reads an `RTCRtpScriptTransformer`, or what `createEncodedStreams` returned. Not every library
 * of types knows either of them, so they are looked at as what they are: outside values.
 */
export function parseFrameStreams(value: unknown): FrameStreams | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const readable: unknown = Reflect.get(value, "readable");
  const writable: unknown = Reflect.get(value, "writable");
  if (!(readable instanceof ReadableStream) || !(writable instanceof WritableStream)) {
    return undefined;
  }
  return {
    readable,
    writable,
    askForKeyFrame(method) {
      const ask: unknown = Reflect.get(value, method);
      if (typeof ask !== "function") return;
      // Refused while there is no encoder, and then there is nothing to ask for.
      Promise.resolve(Reflect.apply(ask, value, [])).catch(() => {});
    },
  };
}
