import type { CallPort } from "./call-port.ts";
import { captureProblem, type CaptureProblem } from "./capture-problem.ts";
import type { DevicesPort, ScreenTracks } from "./devices-port.ts";
import { Store, type Readable } from "./store.ts";

export type ScreenShareState = "off" | "starting" | "on";

/** Shares a screen or window, with its sound where the browser gives it. */
export class ScreenShare implements Readable<ScreenShareState> {
  readonly #call: CallPort;
  readonly #devices: DevicesPort;
  readonly #onProblem: (problem: CaptureProblem) => void;
  readonly #store = new Store<ScreenShareState>("off");
  #tracks: ScreenTracks | null = null;
  #closed = false;

  constructor(call: CallPort, devices: DevicesPort, onProblem: (problem: CaptureProblem) => void) {
    this.#call = call;
    this.#devices = devices;
    this.#onProblem = onProblem;
  }

  readonly get = (): ScreenShareState => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  async toggle(): Promise<void> {
    if (this.get() === "on") await this.#stop();
    else if (this.get() === "off") await this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#release();
  }

  async #start(): Promise<void> {
    this.#store.set("starting");
    try {
      const tracks = await this.#devices.openScreen();
      this.#tracks = tracks;
      if (this.#closed) {
        this.#release();
        return;
      }
      // The browser's own "stop sharing" ends the track.
      tracks.video.addEventListener("ended", () => void this.#stop());
      await this.#call.setStream("screen", tracks.video);
      if (tracks.audio !== null) await this.#call.setStream("screen-audio", tracks.audio);
      if (this.#tracks === tracks) this.#store.set("on");
    } catch (error) {
      this.#release();
      const problem = captureProblem(error);
      // Who closes the browser's dialog has decided; that is no problem to be told of.
      if (!this.#closed && problem !== "denied") this.#onProblem(problem);
    }
  }

  async #stop(): Promise<void> {
    const tracks = this.#tracks;
    if (tracks === null) return;
    this.#release();
    const sources =
      tracks.audio === null ? (["screen"] as const) : (["screen", "screen-audio"] as const);
    await Promise.allSettled(sources.map((source) => this.#call.setStream(source, null)));
  }

  #release(): void {
    this.#tracks?.video.stop();
    this.#tracks?.audio?.stop();
    this.#tracks = null;
    this.#store.set("off");
  }
}
