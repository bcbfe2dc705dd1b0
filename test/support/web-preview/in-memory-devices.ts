import type {
  DeviceInfo,
  DevicesPort,
  InputKind,
  InputRequest,
  InputTracks,
  ScreenTracks,
} from "../../../src/web/state/devices-port.ts";

export type MakeTrack = (
  kind: InputKind | "screen" | "screen-audio",
  device: DeviceInfo | null,
) => MediaStreamTrack;

export const DEVICES: readonly DeviceInfo[] = [
  { deviceId: "mic-1", kind: "microphone", label: "Built-in microphone" },
  { deviceId: "mic-2", kind: "microphone", label: "Headset with a rather long name (1234:5678)" },
  { deviceId: "cam-1", kind: "camera", label: "FaceTime camera" },
  { deviceId: "cam-2", kind: "camera", label: "Desk camera" },
  { deviceId: "speaker-1", kind: "speaker", label: "Built-in speakers" },
];

/** Devices that are plugged in and out by hand; refusals are set by kind. */
export class InMemoryDevices implements DevicesPort {
  canShareScreen = true;
  canChooseSpeaker = true;
  devices: readonly DeviceInfo[] = DEVICES;
  readonly refusals = new Map<InputKind | "screen", Error>();
  readonly requests: InputRequest[] = [];
  /** While it is set, openings wait for it. */
  gate: Promise<void> | null = null;
  readonly #makeTrack: MakeTrack;
  readonly #listeners = new Set<() => void>();

  constructor(makeTrack: MakeTrack) {
    this.#makeTrack = makeTrack;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async openInputs(request: InputRequest): Promise<InputTracks> {
    this.requests.push(request);
    await this.gate;
    // As getUserMedia does: all or nothing.
    const microphone = request.microphone && this.#find("microphone", request.microphone.deviceId);
    const camera = request.camera && this.#find("camera", request.camera.deviceId);
    return {
      ...(microphone && { microphone: this.#makeTrack("microphone", microphone) }),
      ...(camera && { camera: this.#makeTrack("camera", camera) }),
    };
  }

  async openScreen(): Promise<ScreenTracks> {
    await this.gate;
    const refusal = this.refusals.get("screen");
    if (refusal !== undefined) throw refusal;
    return {
      video: this.#makeTrack("screen", null),
      audio: this.#makeTrack("screen-audio", null),
    };
  }

  async list(): Promise<readonly DeviceInfo[]> {
    await Promise.resolve();
    return this.devices;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  replug(devices: readonly DeviceInfo[]): void {
    this.devices = devices;
    for (const listener of [...this.#listeners]) listener();
  }

  #find(kind: InputKind, deviceId: string | null): DeviceInfo {
    const refusal = this.refusals.get(kind);
    if (refusal !== undefined) throw refusal;
    const found = this.devices.find(
      (device) => device.kind === kind && (deviceId === null || device.deviceId === deviceId),
    );
    if (found === undefined) throw new DOMException("Requested device not found", "NotFoundError");
    return found;
  }
}
