import { Emitter } from "../../lib/emitter.ts";
import { captureProblem, type CaptureProblem } from "./capture-problem.ts";
import {
  INPUT_KINDS,
  type DeviceInfo,
  type DevicesPort,
  type InputKind,
  type InputTracks,
} from "./devices-port.ts";
import { Store, type Readable } from "./store.ts";

export interface InputState {
  /** What the person wants: an unmuted microphone, a camera that is on. */
  readonly wanted: boolean;
  readonly status: "closed" | "opening" | "open" | "failed";
  readonly track: MediaStreamTrack | null;
  /** Set when `status` is `failed`. */
  readonly problem: CaptureProblem | null;
  /** Device of the open track, or the one to open next; null leaves it to the browser. */
  readonly deviceId: string | null;
}

export interface LocalMediaState {
  readonly microphone: InputState;
  readonly camera: InputState;
  readonly devices: readonly DeviceInfo[];
}

export interface LocalMediaEvents {
  /** A device went away while it was in use. `replacement` names the one that took over, if any did. */
  "input:lost": { kind: InputKind; replacement: string | null };
  "input:failed": { kind: InputKind; problem: CaptureProblem };
}

export interface LocalMediaOptions {
  devices: DevicesPort;
  wanted: Readonly<Record<InputKind, boolean>>;
  deviceIds: Readonly<Record<InputKind, string | null>>;
}

/**
 * The person's own microphone and camera, from the lobby to the end of the call.
 *
 * A muted microphone stays open, so that unmuting is instant, but its track is disabled: it gives
 * silence whatever happens elsewhere. A camera that is off is closed, so that its light goes out.
 */
export class LocalMedia implements Readable<LocalMediaState> {
  readonly events = new Emitter<LocalMediaEvents>();
  readonly #devices: DevicesPort;
  readonly #store: Store<LocalMediaState>;
  readonly #stopWatching: () => void;
  /** Counts up for each kind whenever an opening that runs has become stale. */
  readonly #turns: Record<InputKind, number> = { microphone: 0, camera: 0 };
  /** Inputs whose device just went away: that is told as a loss, not as a failure too. */
  readonly #losing = new Set<InputKind>();
  #closed = false;

  constructor({ devices, wanted, deviceIds }: LocalMediaOptions) {
    this.#devices = devices;
    this.#store = new Store({
      microphone: closedInput(wanted.microphone, deviceIds.microphone),
      camera: closedInput(wanted.camera, deviceIds.camera),
      devices: [] as readonly DeviceInfo[],
    });
    this.#stopWatching = devices.onChange(() => void this.#refreshDevices());
  }

  readonly get = (): LocalMediaState => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Opens what is wanted, with one prompt for all of it. */
  async start(): Promise<void> {
    const kinds = INPUT_KINDS.filter((kind) => this.get()[kind].wanted);
    await Promise.all([this.#open(kinds), this.#refreshDevices()]);
  }

  async setWanted(kind: InputKind, wanted: boolean): Promise<void> {
    const { track, status } = this.get()[kind];
    this.#change(kind, { wanted });
    if (track !== null && kind === "microphone") track.enabled = wanted;
    if (!wanted && kind === "camera") this.#shut(kind);
    if (wanted && track === null && status !== "opening") await this.#open([kind]);
  }

  /** Tries again what failed, with one prompt for all of it. */
  async retry(kinds: readonly InputKind[]): Promise<void> {
    for (const kind of kinds) this.#change(kind, { wanted: true });
    await this.#open(kinds);
  }

  toggle(kind: InputKind): Promise<void> {
    return this.setWanted(kind, !this.get()[kind].wanted);
  }

  /** Uses another device from now on; opens it at once unless the input is off. */
  async choose(kind: InputKind, deviceId: string | null): Promise<void> {
    this.#change(kind, { deviceId });
    const { wanted, track } = this.get()[kind];
    if (wanted || track !== null) await this.#open([kind]);
  }

  close(): void {
    this.#closed = true;
    this.#stopWatching();
    for (const kind of INPUT_KINDS) this.#shut(kind);
    this.events.removeAllListeners();
  }

  async #open(kinds: readonly InputKind[]): Promise<void> {
    if (kinds.length === 0 || this.#closed) return;
    const turns = kinds.map((kind) => this.#begin(kind));
    const isCurrent = (kind: InputKind) => this.#turns[kind] === turns[kinds.indexOf(kind)];
    try {
      const request = Object.fromEntries(
        kinds.map((kind) => [kind, { deviceId: this.get()[kind].deviceId }]),
      );
      this.#accept(await this.#devices.openInputs(request), isCurrent);
    } catch (error) {
      await this.#recover(kinds.filter(isCurrent), error, kinds.length > 1);
    }
    await this.#refreshDevices();
  }

  /** A device that is gone or busy must not cost the other one, nor a choice of long ago the call. */
  async #recover(kinds: readonly InputKind[], error: unknown, together: boolean): Promise<void> {
    const problem = captureProblem(error);
    const separable = problem === "missing" || problem === "busy" || problem === "unknown";
    if (together && separable) {
      await Promise.all(kinds.map((kind) => this.#open([kind])));
      return;
    }
    for (const kind of kinds) {
      if (problem === "missing" && this.get()[kind].deviceId !== null) {
        this.#change(kind, { deviceId: null });
        await this.#open([kind]);
      } else {
        this.#fail(kind, problem);
      }
    }
  }

  #begin(kind: InputKind): number {
    this.#turns[kind] += 1;
    // The old track is kept until the new one has come: no gap when a device is changed. Some
    // systems (phones) can't open two cameras at once, so that one goes first.
    if (kind === "camera") stop(this.get().camera.track);
    const track = kind === "camera" ? null : this.get()[kind].track;
    this.#change(kind, { status: "opening", problem: null, track });
    return this.#turns[kind];
  }

  #accept(tracks: InputTracks, isCurrent: (kind: InputKind) => boolean): void {
    for (const kind of INPUT_KINDS) {
      const track = tracks[kind];
      if (track === undefined) continue;
      if (!isCurrent(kind)) {
        track.stop();
        continue;
      }
      const { wanted, track: previous } = this.get()[kind];
      if (previous !== track) stop(previous);
      if (kind === "microphone") track.enabled = wanted;
      track.addEventListener("ended", () => void this.#lost(kind, track));
      const deviceId = track.getSettings().deviceId ?? null;
      this.#change(kind, { status: "open", track, problem: null, deviceId });
    }
  }

  #fail(kind: InputKind, problem: CaptureProblem): void {
    stop(this.get()[kind].track);
    // What can't be had isn't on: the button must not claim otherwise.
    this.#change(kind, { status: "failed", track: null, problem, wanted: false });
    if (!this.#losing.has(kind)) this.events.emit("input:failed", { kind, problem });
  }

  /** The browser ended the track: unplugged, taken by the system, or permission withdrawn. */
  async #lost(kind: InputKind, track: MediaStreamTrack): Promise<void> {
    if (this.#closed || this.get()[kind].track !== track) return;
    this.#change(kind, { track: null, deviceId: null, status: "closed" });
    this.#losing.add(kind);
    await this.#open([kind]);
    this.#losing.delete(kind);
    const { track: replacement, status } = this.get()[kind];
    if (status === "opening") return;
    this.events.emit("input:lost", { kind, replacement: replacement?.label ?? null });
  }

  #shut(kind: InputKind): void {
    this.#turns[kind] += 1;
    stop(this.get()[kind].track);
    this.#change(kind, { status: "closed", track: null, problem: null });
  }

  async #refreshDevices(): Promise<void> {
    const devices = await this.#devices.list().catch(() => []);
    if (!this.#closed) this.#store.patch({ devices });
  }

  #change(kind: InputKind, change: Partial<InputState>): void {
    const input = { ...this.get()[kind], ...change };
    this.#store.patch(kind === "camera" ? { camera: input } : { microphone: input });
  }
}

function closedInput(wanted: boolean, deviceId: string | null): InputState {
  return { wanted, status: "closed", track: null, problem: null, deviceId };
}

/** Ending a track ourselves fires no `ended` event (Media Capture and Streams, section 4.3). */
function stop(track: MediaStreamTrack | null): void {
  track?.stop();
}
