/** A track without a device, for tests in Node. */
export class FakeTrack extends EventTarget implements MediaStreamTrack {
  readonly kind: string;
  readonly id: string;
  readonly label: string;
  readonly deviceId: string;
  contentHint = "";
  enabled = true;
  muted = false;
  readyState: MediaStreamTrackState = "live";
  onended: MediaStreamTrack["onended"] = null;
  onmute: MediaStreamTrack["onmute"] = null;
  onunmute: MediaStreamTrack["onunmute"] = null;

  constructor(kind: "audio" | "video", label: string, deviceId = label) {
    super();
    this.kind = kind;
    this.id = crypto.randomUUID();
    this.label = label;
    this.deviceId = deviceId;
  }

  get stopped(): boolean {
    return this.readyState === "ended";
  }

  /** As if the device had been unplugged: unlike `stop`, this fires `ended`. */
  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  stop(): void {
    this.readyState = "ended";
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind === "audio" ? "audio" : "video", this.label, this.deviceId);
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId };
  }

  getCapabilities(): MediaTrackCapabilities {
    return {};
  }

  getConstraints(): MediaTrackConstraints {
    return {};
  }

  async applyConstraints(): Promise<void> {
    await Promise.resolve();
  }
}
