import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";

/** Long enough that a layer does not go and come with each change of a window's size. */
const LOWER_AFTER_MS = 2_000;

/**
 * Has a simulcast sender encode no layer above what anybody receives. The lowest one always flows,
 * so that whoever comes sees something at once.
 */
export class SentLayers {
  readonly #sender: RTCRtpSender;
  readonly #scope: Scope;
  readonly #top: number;
  #sent: number;
  #cancelLowering: () => void = () => {};

  /** Undefined for a stream that has no layers of its own to switch. */
  static of(sender: RTCRtpSender | undefined, clock: Clock): SentLayers | undefined {
    const encodings = sender?.getParameters().encodings.length ?? 0;
    return sender === undefined || encodings < 2
      ? undefined
      : new SentLayers(sender, encodings - 1, clock);
  }

  private constructor(sender: RTCRtpSender, top: number, clock: Clock) {
    this.#sender = sender;
    this.#scope = new Scope("sent layers", clock);
    this.#top = top;
    this.#sent = top;
    // What nobody has asked for yet would only slow the beginning down.
    this.#send(0);
  }

  /** More is sent at once, less after a while. Null: nobody receives any. */
  want(spatialLayer: number | null): void {
    this.#cancelLowering();
    const layer = Math.min(spatialLayer ?? 0, this.#top);
    if (layer >= this.#sent) {
      this.#send(layer);
      return;
    }
    this.#cancelLowering = this.#scope.after(LOWER_AFTER_MS, () => {
      this.#send(layer);
    });
  }

  close(): void {
    this.#scope.end("closed");
  }

  #send(layer: number): void {
    if (layer === this.#sent || this.#scope.ended) return;
    this.#sent = layer;
    // Not by the media library, which would ask for a new session description each time.
    const parameters = this.#sender.getParameters();
    for (const [index, encoding] of parameters.encodings.entries()) {
      encoding.active = index <= layer;
    }
    // It fails only when the sender is gone, and its layers with it.
    this.#sender.setParameters(parameters).catch(() => undefined);
  }
}
