import type { CallEnd } from "../../client/call-state.ts";
import type { CallPort, CallSdk, JoinRequest, PreparedCallPort } from "./call-port.ts";
import type { LocalMedia } from "./local-media.ts";
import type { Preferences } from "./preferences.ts";
import { Store, type Readable } from "./store.ts";

export interface LobbyState {
  readonly status: "ready" | "joining";
  /** Why the last try to join failed. */
  readonly problem: CallEnd | null;
}

/** What a call was given when it was joined. */
export interface SentAtJoin {
  readonly microphone: { readonly track: MediaStreamTrack | null; readonly muted: boolean };
  readonly camera: { readonly track: MediaStreamTrack | null; readonly muted: boolean };
}

export interface LobbyOptions {
  readonly link: string;
  readonly media: LocalMedia;
  readonly preferences: Preferences;
  readonly loadSdk: () => Promise<CallSdk>;
  /** The name of somebody who gives none. */
  readonly guestName: string;
  readonly onJoined: (call: CallPort, sent: SentAtJoin) => void;
}

/** The place before a call: who am I, what do the others see of me, and in. */
export class Lobby implements Readable<LobbyState> {
  readonly link: string;
  readonly media: LocalMedia;
  readonly preferences: Preferences;
  readonly #options: LobbyOptions;
  readonly #store = new Store<LobbyState>({ status: "ready", problem: null });
  #abort: AbortController | null = null;
  #prepared: PreparedCallPort | null = null;
  #closed = false;

  constructor(options: LobbyOptions) {
    this.link = options.link;
    this.media = options.media;
    this.preferences = options.preferences;
    this.#options = options;
  }

  readonly get = (): LobbyState => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Does beforehand what takes time. Whatever fails is told of when somebody joins. */
  async prepare(): Promise<void> {
    try {
      const sdk = await this.#options.loadSdk();
      if (!this.#closed) this.#prepared ??= sdk.prepareCall({ link: this.link });
    } catch {
      this.#prepared = null;
    }
  }

  /** Joins with what is open now; a camera that is still opening is sent as soon as it is there. */
  async join(): Promise<void> {
    if (this.#abort !== null) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#store.set({ status: "joining", problem: null });
    try {
      const sdk = await this.#options.loadSdk();
      abort.signal.throwIfAborted();
      const identity = await this.#identity(sdk);
      abort.signal.throwIfAborted();
      const sent = this.#sent();
      const prepared = this.#prepared ?? sdk.prepareCall({ link: this.link });
      this.#prepared = null;
      const call = await prepared.join({
        name: this.preferences.get().name.trim() || this.#options.guestName,
        tracks: {
          ...(sent.microphone.track && { microphone: sent.microphone.track }),
          ...(sent.camera.track && { camera: sent.camera.track }),
        },
        muted: { microphone: sent.microphone.muted },
        iceTransportPolicy: this.preferences.get().alwaysRelay ? "relay" : "all",
        ...identity,
        signal: abort.signal,
      });
      if (abort.signal.aborted) await call.leave();
      else this.#options.onJoined(call, sent);
    } catch (error) {
      if (!abort.signal.aborted) this.#store.set({ status: "ready", problem: reasonOf(error) });
    } finally {
      if (this.#abort === abort) this.#abort = null;
    }
  }

  /** Gives up joining; also right when nothing was begun. */
  cancel(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#store.set({ status: "ready", problem: null });
  }

  /** Somebody goes elsewhere. */
  close(): void {
    this.#closed = true;
    this.cancel();
    this.#prepared?.close();
    this.#prepared = null;
  }

  /** A browser that can't keep an identity still calls, with one of this stay. */
  async #identity(sdk: CallSdk): Promise<Pick<JoinRequest, "identity">> {
    if (!this.preferences.get().keepIdentity) return {};
    try {
      return { identity: await sdk.openDeviceIdentity() };
    } catch {
      return {};
    }
  }

  #sent(): SentAtJoin {
    const { microphone, camera } = this.media.get();
    return {
      microphone: { track: microphone.track, muted: !microphone.wanted },
      camera: { track: camera.track, muted: false },
    };
  }
}

function reasonOf(error: unknown): CallEnd {
  if (!(error instanceof Error)) return { code: "internal", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  return { code, message: error.message };
}
