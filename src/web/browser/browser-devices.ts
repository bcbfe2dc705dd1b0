import type {
  DeviceInfo,
  DevicesPort,
  InputRequest,
  InputTracks,
  ScreenTracks,
} from "../state/devices-port.ts";

const KINDS: Readonly<Record<MediaDeviceKind, DeviceInfo["kind"]>> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

/** The devices as `navigator.mediaDevices` gives them; it is undefined outside of secure contexts. */
export class BrowserDevices implements DevicesPort {
  readonly #media: MediaDevices | undefined;
  readonly canShareScreen: boolean;
  readonly canChooseSpeaker: boolean;

  constructor(media: MediaDevices | undefined) {
    this.#media = media;
    // Phones have no getDisplayMedia, Safari no setSinkId, whatever the types say.
    this.canShareScreen = media !== undefined && "getDisplayMedia" in media;
    this.canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;
  }

  async openInputs({ microphone, camera }: InputRequest): Promise<InputTracks> {
    const stream = await this.#require().getUserMedia({
      ...(microphone && { audio: audioConstraints(microphone.deviceId) }),
      ...(camera && { video: videoConstraints(camera.deviceId) }),
    });
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    return { ...(audio && { microphone: audio }), ...(video && { camera: video }) };
  }

  async openScreen(): Promise<ScreenTracks> {
    const stream = await this.#require().getDisplayMedia({
      video: { frameRate: { max: 30 } },
      audio: true,
    });
    const [video] = stream.getVideoTracks();
    if (video === undefined) throw new DOMException("No screen was given", "NotFoundError");
    // Text must stay sharp; the encoder may lower the frame rate for it.
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  }

  async list(): Promise<readonly DeviceInfo[]> {
    const devices = await this.#require().enumerateDevices();
    return devices
      .filter(({ deviceId }) => deviceId !== "")
      .map(({ deviceId, kind, label }) => ({ deviceId, kind: KINDS[kind], label }));
  }

  onChange(listener: () => void): () => void {
    this.#media?.addEventListener("devicechange", listener);
    return () => this.#media?.removeEventListener("devicechange", listener);
  }

  #require(): MediaDevices {
    if (this.#media === undefined) {
      throw new DOMException("The page was not loaded securely", "InsecureContextError");
    }
    return this.#media;
  }
}

function audioConstraints(deviceId: string | null): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId !== null && { deviceId: { exact: deviceId } }),
  };
}

/** 720p is what three simulcast layers need. */
function videoConstraints(deviceId: string | null): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(deviceId === null ? { facingMode: "user" } : { deviceId: { exact: deviceId } }),
  };
}
