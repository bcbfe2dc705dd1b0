import type { types } from "mediasoup";
import { buildRtp, keyFrameRequests, senderReport, vp8Payload } from "./sfu-rtp.ts";

const FRAME_PERIOD_MS = 20;
const VIDEO_TICKS_PER_MS = 90;

interface Layer {
  readonly ssrc: number;
  sequenceNumber: number;
  pictureId: number;
  tl0PicIdx: number;
  packets: number;
  wantsKeyFrame: boolean;
}

/**
 * A VP8 simulcast sender of 50 frames a second on a DirectTransport, which answers each request
 * with a key frame. The body of each frame tells its layer: `layer 0`, `layer 1`…
 */
export class Vp8Source {
  readonly keyFrameRequestsAtMs: number[] = [];
  readonly producer: types.Producer;
  readonly #transport: types.DirectTransport;
  readonly #layers: Layer[];
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = Date.now();
  #frames = 0;

  static async create(
    router: types.Router,
    layers = 3,
    keyFrameIntervalMs = 500,
  ): Promise<Vp8Source> {
    const transport = await router.createDirectTransport();
    const ssrcs = Array.from({ length: layers }, (_, index) => 70_001 + index);
    const producer = await transport.produce({
      kind: "video",
      rtpParameters: {
        codecs: [
          {
            mimeType: "video/VP8",
            payloadType: 96,
            clockRate: 90_000,
            rtcpFeedback: [{ type: "nack", parameter: "pli" }],
          },
        ],
        encodings: ssrcs.map((ssrc) => ({ ssrc, scalabilityMode: "L1T1" })),
        rtcp: { cname: "source" },
      },
      keyFrameRequestDelay: keyFrameIntervalMs,
    });
    return new Vp8Source(transport, producer, ssrcs);
  }

  constructor(transport: types.DirectTransport, producer: types.Producer, ssrcs: number[]) {
    this.#transport = transport;
    this.producer = producer;
    this.#layers = ssrcs.map((ssrc) => ({
      ssrc,
      sequenceNumber: 1,
      pictureId: 1,
      tl0PicIdx: 1,
      packets: 0,
      wantsKeyFrame: true,
    }));
    transport.on("rtcp", (rtcp) => {
      for (const ssrc of keyFrameRequests(rtcp)) this.#askedFor(ssrc);
    });
    this.#timer = setInterval(() => {
      this.#sendFrames();
    }, FRAME_PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#transport.close();
  }

  #askedFor(ssrc: number): void {
    this.keyFrameRequestsAtMs.push(Date.now());
    const layer = this.#layers.find((candidate) => candidate.ssrc === ssrc);
    if (layer !== undefined) layer.wantsKeyFrame = true;
  }

  #sendFrames(): void {
    if (this.producer.closed) return;
    const nowMs = Date.now();
    const timestamp = (nowMs - this.#startMs) * VIDEO_TICKS_PER_MS;
    for (const [index, layer] of this.#layers.entries()) {
      const payload = vp8Payload({
        isKey: layer.wantsKeyFrame,
        pictureId: layer.pictureId++,
        tl0PicIdx: layer.tl0PicIdx++,
        temporalLayer: 0,
        body: Buffer.from(`layer ${index}`.padEnd(200, ".")),
      });
      layer.wantsKeyFrame = false;
      layer.packets += 1;
      const { ssrc } = layer;
      const sequenceNumber = layer.sequenceNumber++;
      this.producer.send(
        buildRtp({ payloadType: 96, marker: true, sequenceNumber, timestamp, ssrc, payload }),
      );
      // Without sender reports a consumer cannot tell how the layers' clocks lie to each other.
      if (this.#frames % 10 === 0) {
        this.#transport.sendRtcp(senderReport(ssrc, nowMs, timestamp, layer.packets));
      }
    }
    this.#frames += 1;
  }
}
