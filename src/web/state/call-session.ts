import type { CallEnd, CallState } from "../../client/call-state.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Arrivals } from "./arrivals.ts";
import { AudioOutput, type CreateAudioPlayer } from "./audio-output.ts";
import type { CallPort } from "./call-port.ts";
import type { DevicesPort } from "./devices-port.ts";
import type { LocalMedia } from "./local-media.ts";
import { LocalSender } from "./local-sender.ts";
import { Notices } from "./notices.ts";
import type { Preferences } from "./preferences.ts";
import type { KnownPeople } from "./known-people.ts";
import type { PageVisibility } from "./page-visibility.ts";
import { ScreenShare } from "./screen-share.ts";
import { ShownSizes } from "./shown-sizes.ts";
import { type PanelName, SidePanel } from "./side-panel.ts";
import { SignNotices } from "./sign-notices.ts";
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
  readonly people: KnownPeople;
  /** Puts the link of the call into the address bar, so that a reload leads back in. */
  readonly showLink: (link: string) => void;
  /** Forgets the key by which others know this browser. */
  readonly forgetIdentity: () => Promise<void>;
  readonly visibility: PageVisibility;
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
  readonly panel = new SidePanel();
  readonly people: KnownPeople;
  readonly #options: CallSessionOptions;
  readonly #sender: LocalSender;
  readonly #arrivals: Arrivals;
  readonly #signs: SignNotices;
  readonly #endings: (() => void)[] = [];
  #shownLink: string;
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
    this.people = options.people;
    this.#shownLink = call.invitationLink;
    this.#arrivals = new Arrivals(call.state.participants);
    this.#signs = new SignNotices(options.people, call.state);
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
    else if (action === "hand") void this.toggleHand();
    else if (action === "chat") this.togglePanel("chat");
    else if (this.devices.canShareScreen) void this.screenShare.toggle();
  }

  /** Whether others may know this browser again from the next call on; the key goes when not. */
  setKeepIdentity(keep: boolean): void {
    this.preferences.setKeepIdentity(keep);
    if (!keep) this.#options.forgetIdentity().catch(() => {});
  }

  /** Whether media always goes through a relay: from now on, and in the next calls. */
  setAlwaysRelay(always: boolean): void {
    this.preferences.setAlwaysRelay(always);
    void this.#try(this.#options.call.setIceTransportPolicy(always ? "relay" : "all"), "not-done");
  }

  /** Opens what stands beside the pictures, or closes it. */
  togglePanel(panel: PanelName): void {
    this.panel.toggle(panel);
    if (this.panel.get().open === "chat") this.notices.dismissKind("chat");
  }

  /** Whether it was sent. A failure is told on the screen. */
  sendChat(text: string): Promise<boolean> {
    return this.#try(this.#options.call.sendChat(text));
  }

  react(emoji: string): Promise<boolean> {
    return this.#try(this.#options.call.react(emoji));
  }

  toggleHand(): Promise<boolean> {
    const { call } = this.#options;
    return this.#try(call.setHandRaised(!call.state.self.handRaised));
  }

  /** Shuts somebody out, together with the link. Everybody is told who did it. */
  kick(participantId: ParticipantId): Promise<boolean> {
    return this.#try(this.#options.call.kick(participantId), "not-done");
  }

  setLocked(locked: boolean): Promise<boolean> {
    return this.#try(this.#options.call.setLocked(locked), "not-done");
  }

  /** 45 digits, or null when the participant is gone. */
  safetyNumber(participantId: ParticipantId): Promise<string | null> {
    return this.#options.call.safetyNumber(participantId).catch(() => null);
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

  async #try(task: Promise<void>, failure: "not-sent" | "not-done" = "not-sent"): Promise<boolean> {
    try {
      await task;
      return true;
    } catch {
      if (!this.#ended) this.notices.show({ kind: failure });
      return false;
    }
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
      call.on("participant:kicked", ({ participantId, by }) => {
        const [name, actor] = [this.#nameOf(participantId) ?? "", this.#nameOf(by)];
        this.#arrivals.forget(participantId);
        this.notices.show({ kind: "kicked", name, by: actor });
      }),
      call.on("lock:changed", ({ locked, by }) => {
        this.notices.show({ kind: "lock-changed", locked, by: this.#nameOf(by) });
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
      this.#options.visibility.onChange((hidden) => {
        this.shownSizes.setPageHidden(hidden);
      }),
      preferences.subscribe(() => {
        this.audio.setSpeaker(preferences.get().devices.speaker);
      }),
    );
    this.#rememberStay();
  }

  /** Null stands for oneself. */
  #nameOf(participantId: ParticipantId): string | null {
    const { self, participants } = this.#options.call.state;
    if (participantId === self.participantId) return null;
    return participants.find((each) => each.participantId === participantId)?.name ?? "";
  }

  #onCallChange(): void {
    const { state, invitationLink } = this.#options.call;
    const { participants, phase, end, conversation, self } = state;
    if (phase === "ended") {
      // The SDK also leaves by itself when the page is left; a page that the back button brings to
      // life again was left all the same.
      this.#end(end?.code === "left" ? null : end);
      return;
    }
    if (invitationLink !== this.#shownLink) {
      this.#shownLink = invitationLink;
      this.#options.showLink(invitationLink);
    }
    this.audio.update(participants);
    this.shownSizes.keepOnly(new Set(participants.map(({ participantId }) => participantId)));
    for (const arrival of this.#arrivals.update(participants)) this.notices.show(arrival);
    for (const sign of this.#signs.update(state)) this.notices.show(sign);
    for (const { name, text } of this.panel.update(conversation.chat, self.participantId)) {
      this.notices.show({ kind: "chat", name, text });
    }
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
