/** What the pipelines use of `RTCEncodedVideoFrame` and `RTCEncodedAudioFrame`. */
export interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata(): { readonly mimeType?: string };
}
