/** What the pipelines use of `RTCEncodedVideoFrame` and `RTCEncodedAudioFrame`. */
export interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata(): { readonly mimeType?: string; readonly rtpTimestamp?: number };
}

/**
 * Makes an audio frame of this data that lies at this RTP timestamp and is otherwise like
 * `frame`. Undefined where the browser can't.
 */
export type MakeAudioFrame = (
  frame: EncodedFrame,
  data: ArrayBuffer,
  rtpTimestamp: number,
) => EncodedFrame | undefined;

/** By the constructor of `RTCEncodedAudioFrame` (W3C "WebRTC Encoded Transform"), if there is one. */
export const makeAudioFrame: MakeAudioFrame = (frame, data, rtpTimestamp) => {
  const constructor: unknown = Reflect.get(globalThis, "RTCEncodedAudioFrame");
  if (typeof constructor !== "function") return undefined;
  const metadata = { ...frame.getMetadata(), rtpTimestamp };
  const made: unknown = Reflect.construct(constructor, [frame, { metadata }]);
  if (!isEncodedFrame(made)) return undefined;
  made.data = data;
  return made;
};

function isEncodedFrame(value: unknown): value is EncodedFrame {
  return typeof value === "object" && value !== null && "data" in value && "getMetadata" in value;
}
