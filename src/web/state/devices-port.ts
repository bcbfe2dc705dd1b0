export type InputKind = "microphone" | "camera";
export const INPUT_KINDS: readonly InputKind[] = ["microphone", "camera"];

export interface DeviceInfo {
  readonly deviceId: string;
  readonly kind: InputKind | "speaker";
  /** Empty until the browser was given permission to tell. */
  readonly label: string;
}

/** Which inputs to open; a device id of null leaves the choice to the browser. */
export type InputRequest = { readonly [Kind in InputKind]?: { readonly deviceId: string | null } };
export type InputTracks = { readonly [Kind in InputKind]?: MediaStreamTrack };

export interface ScreenTracks {
  readonly video: MediaStreamTrack;
  /** Null where neither browser nor person shares the sound. */
  readonly audio: MediaStreamTrack | null;
}

/** Cameras, microphones, speakers and screens of this machine. */
export interface DevicesPort {
  readonly canShareScreen: boolean;
  readonly canChooseSpeaker: boolean;
  /** Asks for all of it in one prompt. Rejects with the browser's DOMException. */
  openInputs(request: InputRequest): Promise<InputTracks>;
  openScreen(): Promise<ScreenTracks>;
  list(): Promise<readonly DeviceInfo[]>;
  onChange(listener: () => void): () => void;
}
