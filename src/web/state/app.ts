import type { CallEnd } from "../../client/call-state.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CreateAudioPlayer } from "./audio-output.ts";
import type { CallPort, CallSdk } from "./call-port.ts";
import { CallSession } from "./call-session.ts";
import type { DiagnosisSdk, PermissionOf } from "./connection-test-port.ts";
import type { DevicesPort } from "./devices-port.ts";
import { KnownPeople } from "./known-people.ts";
import type { ListenToTrack } from "./level-meter.ts";
import { LocalMedia } from "./local-media.ts";
import { Lobby, type SentAtJoin } from "./lobby.ts";
import type { PageVisibility } from "./page-visibility.ts";
import { Preferences, type TextStorage } from "./preferences.ts";
import type { Stay, StayMemory } from "./stay-memory.ts";
import { Store, type Readable } from "./store.ts";
import type { SupportProblem } from "./support.ts";

/** The address at which the page tests the connection. No invitation looks like it. */
export const CONNECTION_TEST_FRAGMENT = "#test";

/** The page's address: its fragment holds the invitation. */
export interface AddressPort {
  readonly origin: string;
  /** The whole address, with the fragment. */
  href(): string;
  hasFragment(): boolean;
  /** Goes to a link: to another fragment of this page, or to another server. */
  open(link: string): void;
  /** Shows another link without going there. */
  replace(link: string): void;
  /** Tells of another fragment. */
  onChange(listener: () => void): () => void;
}

/** Everything that the page needs of its browser. */
export interface AppPorts {
  readonly address: AddressPort;
  readonly devices: DevicesPort;
  readonly storage: TextStorage;
  readonly stayMemory: StayMemory;
  readonly createAudioPlayer: CreateAudioPlayer;
  readonly listenToTrack: ListenToTrack;
  readonly copyText: (text: string) => Promise<void>;
  /** Keeps the screen from going dark; the returned function ends that. */
  readonly keepAwake: () => () => void;
  readonly visibility: PageVisibility;
  readonly clock: Clock;
  readonly supportProblem: SupportProblem | null;
  readonly loadSdk: () => Promise<CallSdk>;
  readonly loadDiagnosis: () => Promise<DiagnosisSdk>;
  readonly permissionOf: PermissionOf;
  readonly guestName: string;
}

export type HomeProblem = "bad-link" | "not-a-link" | "not-loaded";

export type Screen =
  | { readonly name: "unsupported"; readonly problem: SupportProblem }
  | { readonly name: "connection-test" }
  | { readonly name: "home"; readonly problem: HomeProblem | null }
  | { readonly name: "lobby"; readonly lobby: Lobby }
  | { readonly name: "call"; readonly session: CallSession }
  | { readonly name: "ended"; readonly end: CallEnd | null };

/** Which screen is shown, and how one leads to the next. */
export class App implements Readable<Screen> {
  readonly preferences: Preferences;
  readonly people: KnownPeople;
  readonly ports: AppPorts;
  readonly #store = new Store<Screen>({ name: "home", problem: null });
  readonly #stopWatching: () => void;
  #media: LocalMedia | null = null;
  /** What was on in the call that ended last, for going back in. */
  #lastStay: Stay = { microphone: true, camera: true };

  constructor(ports: AppPorts) {
    this.ports = ports;
    this.preferences = new Preferences(ports.storage);
    this.people = new KnownPeople(ports.storage);
    this.#stopWatching = ports.address.onChange(() => {
      this.#route(null);
    });
    this.#route(ports.stayMemory.recall());
  }

  readonly get = (): Screen => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  async newCall(): Promise<void> {
    const { postQuantumSignatures } = this.preferences.get();
    const signatures = postQuantumSignatures ? "post-quantum" : "classical";
    await this.#withSdk((sdk) => {
      this.ports.address.open(sdk.createInvitationLink(this.ports.address.origin, { signatures }));
    });
  }

  /** Goes to a link that was pasted; one without an address counts as one of this server. */
  async openLink(text: string): Promise<void> {
    await this.#withSdk((sdk) => {
      const link = resolve(text, this.ports.address.origin);
      if (link !== null && sdk.isInvitationLink(link)) this.ports.address.open(link);
      else this.#store.set({ name: "home", problem: "not-a-link" });
    });
  }

  /** Back into the call that ended, with what was on then. */
  rejoin(): void {
    this.#enterLobby(this.#lastStay, true);
  }

  toLobby(): void {
    this.#enterLobby(this.#lastStay, false);
  }

  toHome(): void {
    this.ports.address.open(`${this.ports.address.origin}/`);
  }

  close(): void {
    this.#stopWatching();
    this.#leaveScreen();
  }

  #route(stay: Stay | null): void {
    this.#leaveScreen();
    if (new URL(this.ports.address.href()).hash === CONNECTION_TEST_FRAGMENT) {
      // First of all: it tells what an unsupported browser or an insecure page lacks.
      this.#store.set({ name: "connection-test" });
    } else if (this.ports.supportProblem !== null) {
      this.#store.set({ name: "unsupported", problem: this.ports.supportProblem });
    } else if (this.ports.address.hasFragment()) {
      this.#enterLobby(stay ?? this.#lastStay, stay !== null);
      void this.#checkLink();
    } else {
      this.#store.set({ name: "home", problem: null });
      // Loaded meanwhile, so that the first click is quick; a failure is told at the click.
      this.ports.loadSdk().catch(() => {});
    }
  }

  #enterLobby(stay: Stay, joinAtOnce: boolean): void {
    const media = new LocalMedia({
      devices: this.ports.devices,
      wanted: stay,
      deviceIds: this.preferences.get().devices,
    });
    this.#media = media;
    const lobby: Lobby = new Lobby({
      link: this.ports.address.href(),
      media,
      preferences: this.preferences,
      loadSdk: this.ports.loadSdk,
      guestName: this.ports.guestName,
      onJoined: (call, sent) => {
        this.#enterCall(lobby, call, sent);
      },
    });
    this.#store.set({ name: "lobby", lobby });
    void media.start();
    if (joinAtOnce) void lobby.join();
    else void lobby.prepare();
  }

  #enterCall(lobby: Lobby, call: CallPort, sent: SentAtJoin): void {
    const session = new CallSession({
      call,
      sent,
      media: lobby.media,
      devices: this.ports.devices,
      preferences: this.preferences,
      createAudioPlayer: this.ports.createAudioPlayer,
      copyText: this.ports.copyText,
      stayMemory: this.ports.stayMemory,
      people: this.people,
      showLink: (link) => {
        this.ports.address.replace(link);
      },
      forgetIdentity: async () => (await this.ports.loadSdk()).forgetDeviceIdentity(),
      visibility: this.ports.visibility,
      keepAwake: this.ports.keepAwake,
      clock: this.ports.clock,
      onEnd: (end) => {
        this.#enterEnded(end);
      },
    });
    this.#store.set({ name: "call", session });
  }

  #enterEnded(end: CallEnd | null): void {
    const media = this.#media?.get();
    if (media !== undefined) {
      this.#lastStay = { microphone: media.microphone.wanted, camera: media.camera.wanted };
    }
    this.#closeMedia();
    this.#store.set({ name: "ended", end });
  }

  #leaveScreen(): void {
    const screen = this.get();
    if (screen.name === "lobby") screen.lobby.close();
    if (screen.name === "call") screen.session.leave();
    this.#closeMedia();
  }

  #closeMedia(): void {
    this.#media?.close();
    this.#media = null;
  }

  /** A link that lost a part on its way is told as such, not after a failed join. */
  async #checkLink(): Promise<void> {
    const href = this.ports.address.href();
    const valid = await this.ports.loadSdk().then(
      (sdk) => sdk.isInvitationLink(href),
      () => true,
    );
    const stillHere = this.get().name === "lobby" && this.ports.address.href() === href;
    if (valid || !stillHere) return;
    this.#leaveScreen();
    this.#store.set({ name: "home", problem: "bad-link" });
  }

  async #withSdk(use: (sdk: CallSdk) => void): Promise<void> {
    try {
      use(await this.ports.loadSdk());
    } catch {
      this.#store.set({ name: "home", problem: "not-loaded" });
    }
  }
}

function resolve(text: string, origin: string): string | null {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed, origin)) return null;
  const url = new URL(trimmed, origin);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}
