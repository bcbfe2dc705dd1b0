import { SerialQueue } from "../../lib/serial-queue.ts";
import type { CallPort } from "./call-port.ts";
import { INPUT_KINDS, type InputKind } from "./devices-port.ts";
import type { LocalMedia } from "./local-media.ts";

interface Sent {
  track: MediaStreamTrack | null;
  muted: boolean;
}

/**
 * Keeps what the call sends in step with the person's own microphone and camera. Changes of one
 * input are applied one after another, and what became stale while waiting is skipped.
 */
export class LocalSender {
  readonly #call: CallPort;
  readonly #media: LocalMedia;
  readonly #onRefused: () => void;
  readonly #sent: Record<InputKind, Sent>;
  readonly #queues: Record<InputKind, SerialQueue> = {
    microphone: new SerialQueue("microphone stream"),
    camera: new SerialQueue("camera stream"),
  };
  readonly #stopWatching: () => void;
  #closed = false;

  /** `sent` says what the call was given when it was joined. */
  constructor(
    call: CallPort,
    media: LocalMedia,
    sent: Readonly<Record<InputKind, Sent>>,
    onRefused: () => void,
  ) {
    this.#call = call;
    this.#media = media;
    this.#onRefused = onRefused;
    this.#sent = { microphone: { ...sent.microphone }, camera: { ...sent.camera } };
    this.#stopWatching = media.subscribe(() => {
      this.#update();
    });
    this.#update();
  }

  close(): void {
    this.#closed = true;
    this.#stopWatching();
  }

  #update(): void {
    for (const kind of INPUT_KINDS) {
      const { track, status } = this.#media.get()[kind];
      // While another device opens the stream stays as it is, without an end and a new beginning.
      if (status === "opening" || this.#isApplied(kind, track)) continue;
      void this.#queues[kind].run(() => this.#apply(kind));
    }
  }

  #isApplied(kind: InputKind, track: MediaStreamTrack | null): boolean {
    const sent = this.#sent[kind];
    return sent.track === track && (track === null || sent.muted === this.#muted(kind));
  }

  #muted(kind: InputKind): boolean {
    return !this.#media.get()[kind].wanted;
  }

  async #apply(kind: InputKind): Promise<void> {
    const sent = this.#sent[kind];
    const { track } = this.#media.get()[kind];
    if (this.#closed) return;
    try {
      if (sent.track !== track) {
        sent.track = track;
        await this.#call.setStream(kind, track);
        // A new stream begins unmuted; its disabled track gives silence until the others know.
        if (track !== null) sent.muted = false;
      }
      const muted = this.#muted(kind);
      if (track !== null && !this.#closed && sent.muted !== muted) {
        sent.muted = muted;
        await this.#call.setMuted(kind, muted);
      }
    } catch {
      if (!this.#closed) this.#onRefused();
    }
  }
}
