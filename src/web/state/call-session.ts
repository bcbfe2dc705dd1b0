import type { CallEnd, CallState } from "../../client/call-state.ts";
import type { Clock } from "../../lib/clock.ts";
import { Arrivals } from "./arrivals.ts";
import { AudioOutput, type CreateAudioPlayer } from "./audio-output.ts";
import type { CallPort } from "./call-port.ts";
import type { DevicesPort } from "./devices-port.ts";
import type { LocalMedia } from "./local-media.ts";
import { LocalSender } from "./local-sender.ts";
import { Notices } from "./notices.ts";
import type { Preferences } from "./preferences.ts";
import { ScreenShare } from "./screen-share.ts";
import { ShownSizes } from "./shown-sizes.ts";
import type { ShortcutAction } from "./shortcuts.ts";
import type { StayMemory } from "./stay-memory.ts";
import type { Readable } from "./store.ts";

export interface CallSessionOptions {
  readonly call: CallPort;
  readonly media: LocalMedia;
  readonly devices: DevicesPort;
  readonly preferences: Preferences;
  readonly createAudioPlayer: CreateAudioPlayer;
  readonly copyText: (text: string) => Promise<void>;
  readonly stayMemory: StayMemory;
  /** Keeps the screen from going dark; the returned function ends that. */
  readonly keepAwake: () => () => void;
  readonly clock: Clock;
  /** What the call was given when it was joined. */
  readonly sent: ConstructorParameters<typeof LocalSender>[2];
  /** Called once. Null: the person left. */
  readonly onEnd: (end: CallEnd | null) => void;
}

/** All that a joined call needs of the page, until it ends. */
export class CallSession {
  readonly call: Readable<CallState>;
  readonly media: LocalMedia;
  readonly preferences: Preferences;
  readonly devices: DevicesPort;
  readonly screenShare: ScreenShare;
  readonly audio: AudioOutput;
  readonly notices: Notices;
  readonly shownSizes: ShownSizes;
  readonly #options: CallSessionOptions;
  readonly #sender: LocalSender;
  readonly #arrivals: Arrivals;
  readonly #endings: (() => void)[] = [];
  #talking = false;
  #ended = false;

  constructor(options: CallSessionOptions) {
    const { call, media, devices, preferences, clock } = options;
    this.#options = options;
    this.call = { get: () => call.state, subscribe: (listener) => call.subscribe(listener) };
    this.media = media;
    this.preferences = preferences;
    this.devices = devices;
    this.notices = new Notices(clock);
    this.shownSizes = new ShownSizes(call, clock);
    this.audio = new AudioOutput(options.createAudioPlayer, preferences.get().devices.speaker);
    this.screenShare = new ScreenShare(call, devices, (problem) => {
      this.notices.show({ kind: "screen-failed", problem });
    });
    this.#sender = new LocalSender(call, media, options.sent, () => {
      this.notices.show({ kind: "stream-refused" });
    });
    this.#arrivals = new Arrivals(call.state.participants);
    this.#watch();
    this.#onCallChange();
  }

  /** Whether the microphone is on only for as long as the space bar is held. */
  get talking(): boolean {
    return this.#talking;
  }

  async copyLink(): Promise<void> {
    try {
      await this.#options.copyText(this.#options.call.invitationLink);
      this.notices.show({ kind: "link-copied" });
    } catch {
      this.notices.show({ kind: "link-not-copied" });
    }
  }

  act(action: ShortcutAction): void {
    if (action === "microphone" || action === "camera") void this.media.toggle(action);
    else if (action === "push-to-talk") this.#talk();
    else if (this.devices.canShareScreen) void this.screenShare.toggle();
  }

  /** The space bar was released, or the page lost the focus. */
  stopTalking(): void {
    if (!this.#talking) return;
    this.#talking = false;
    void this.media.setWanted("microphone", false);
  }

  leave(): void {
    const { call } = this.#options;
    this.#end(null);
    // The person has left at once; the server and the group are told behind the curtain.
    call.leave().catch(() => {});
  }

  #talk(): void {
    const { track, wanted } = this.media.get().microphone;
    if (wanted || track === null) return;
    this.#talking = true;
    void this.media.setWanted("microphone", true);
  }

  #watch(): void {
    const { call, media, preferences } = this.#options;
    this.#endings.push(
      this.#options.keepAwake(),
      call.subscribe(() => {
        this.#onCallChange();
      }),
      media.subscribe(() => {
        this.#rememberStay();
      }),
      media.events.on("input:lost", ({ kind, replacement }) => {
        this.notices.show({ kind: "input-lost", input: kind, replacement });
      }),
      media.events.on("input:failed", ({ kind, problem }) => {
        this.notices.show({ kind: "input-failed", input: kind, problem });
      }),
      preferences.subscribe(() => {
        this.audio.setSpeaker(preferences.get().devices.speaker);
      }),
    );
    this.#rememberStay();
  }

  #onCallChange(): void {
    const { participants, phase, end } = this.#options.call.state;
    if (phase === "ended") {
      // The SDK also leaves by itself when the page is left; a page that the back button brings to
      // life again was left all the same.
      this.#end(end?.code === "left" ? null : end);
      return;
    }
    this.audio.update(participants);
    this.shownSizes.keepOnly(new Set(participants.map(({ participantId }) => participantId)));
    for (const arrival of this.#arrivals.update(participants)) this.notices.show(arrival);
  }

  #rememberStay(): void {
    const { microphone, camera } = this.media.get();
    this.#options.stayMemory.remember({ microphone: microphone.wanted, camera: camera.wanted });
  }

  #end(end: CallEnd | null): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const ending of this.#endings) ending();
    this.#options.stayMemory.remember(null);
    this.#sender.close();
    this.screenShare.close();
    this.audio.close();
    this.shownSizes.close();
    this.notices.close();
    this.#options.onEnd(end);
  }
}
