import type {
  CallState,
  LocalStream,
  RemoteParticipant,
  RemoteStream,
} from "../../../src/client/call-state.ts";
import type { ChatMessage } from "../../../src/client/conversation/conversation-state.ts";
import type { CallEvents } from "../../../src/client/call-events.ts";
import { Emitter } from "../../../src/lib/emitter.ts";
import { epochCode } from "../../../src/e2ee/verification/index.ts";
import type { MediaSource, ParticipantId } from "../../../src/protocol/index.ts";
import type { CallPort, ShownSize } from "../../../src/web/state/call-port.ts";

const SELF_ID = "selfselfselfselfselfsA";

const JOINED: CallState = {
  phase: "joined",
  end: null,
  self: {
    participantId: SELF_ID,
    name: "Me",
    speaking: false,
    handRaised: false,
    identity: { key: "own-key", kept: false },
    streams: [],
  },
  participants: [],
  encryption: {
    epoch: 7,
    members: 1,
    cipherSuite: "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
    code: epochCode(Uint8Array.from({ length: 64 }, (_, index) => index * 7)),
    repair: "none",
  },
  conversation: { chat: [], reactions: [], raisedHands: [] },
  locked: false,
  mediaConnected: true,
};

/** A call without a server: what it is told it remembers, and its state is set by hand. */
export class InMemoryCall implements CallPort {
  invitationLink = "https://aparte.example/#invitation";
  readonly events = new Emitter<CallEvents>();
  readonly shown: [ParticipantId, MediaSource, ShownSize | null][] = [];
  readonly log: string[] = [];
  /** Answers the next changes of streams with this error. */
  refusal: Error | null = null;
  #state: CallState;
  readonly #listeners = new Set<() => void>();
  #lastId = 0;

  constructor(state: Partial<CallState> = {}) {
    this.#state = { ...JOINED, ...state };
  }

  get state(): CallState {
    return this.#state;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  change(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  async setStream(source: MediaSource, track: MediaStreamTrack | null): Promise<void> {
    this.log.push(`${source} ${track === null ? "off" : track.label}`);
    if (this.refusal !== null) throw this.refusal;
    const others = this.#state.self.streams.filter((stream) => stream.source !== source);
    this.#setStreams(track === null ? others : [...others, { source, track, muted: false }]);
    await Promise.resolve();
  }

  async setMuted(source: MediaSource, muted: boolean): Promise<void> {
    this.log.push(`${source} ${muted ? "muted" : "unmuted"}`);
    this.#setStreams(
      this.#state.self.streams.map((stream) =>
        stream.source === source ? { ...stream, muted } : stream,
      ),
    );
    await Promise.resolve();
  }

  showing(participantId: ParticipantId, source: MediaSource, size: ShownSize | null): void {
    this.shown.push([participantId, source, size]);
  }

  async sendChat(text: string): Promise<void> {
    this.log.push(`chat ${text}`);
    if (this.refusal !== null) throw this.refusal;
    this.hear({ participantId: SELF_ID, name: this.#state.self.name, text });
    await Promise.resolve();
  }

  async react(emoji: string): Promise<void> {
    this.log.push(`reaction ${emoji}`);
    if (this.refusal !== null) throw this.refusal;
    const { conversation, self } = this.#state;
    const reaction = { id: ++this.#lastId, participantId: SELF_ID, name: self.name, emoji };
    this.change({
      conversation: { ...conversation, reactions: [...conversation.reactions, reaction] },
    });
    await Promise.resolve();
  }

  async setHandRaised(raised: boolean): Promise<void> {
    this.log.push(`hand ${raised ? "up" : "down"}`);
    if (this.refusal !== null) throw this.refusal;
    const { conversation, self } = this.#state;
    const others = conversation.raisedHands.filter((id) => id !== SELF_ID);
    this.change({
      self: { ...self, handRaised: raised },
      conversation: { ...conversation, raisedHands: raised ? [...others, SELF_ID] : others },
    });
    await Promise.resolve();
  }

  async safetyNumber(participantId: ParticipantId): Promise<string> {
    this.log.push(`safety number ${participantId}`);
    if (this.refusal !== null) throw this.refusal;
    return Promise.resolve("123456789".repeat(5));
  }

  async kick(participantId: ParticipantId): Promise<void> {
    this.log.push(`kick ${participantId}`);
    if (this.refusal !== null) throw this.refusal;
    this.events.emit("participant:kicked", { participantId, by: SELF_ID });
    this.invitationLink = "https://aparte.example/#invitation-after-kick";
    const participants = this.#state.participants.filter(
      (each) => each.participantId !== participantId,
    );
    this.change({ participants });
    await Promise.resolve();
  }

  async setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void> {
    this.log.push(`path ${policy}`);
  }

  async setLocked(locked: boolean): Promise<void> {
    this.log.push(locked ? "lock" : "unlock");
    if (this.refusal !== null) throw this.refusal;
    this.events.emit("lock:changed", { locked, by: SELF_ID });
    this.change({ locked });
    await Promise.resolve();
  }

  on<Name extends keyof CallEvents>(
    name: Name,
    listener: (event: CallEvents[Name]) => void,
  ): () => void {
    return this.events.on(name, listener);
  }

  /** Adds a message to the chat, as if it had come. */
  hear(message: Omit<ChatMessage, "id" | "atMs">): void {
    const { conversation } = this.#state;
    const chat = [
      ...conversation.chat,
      { ...message, id: ++this.#lastId, atMs: 1_700_000_000_000 },
    ];
    this.change({ conversation: { ...conversation, chat } });
  }

  async leave(): Promise<void> {
    this.log.push("leave");
    this.change({ phase: "ended", end: { code: "left", message: "left" } });
    await Promise.resolve();
  }

  #setStreams(streams: readonly LocalStream[]): void {
    this.change({ self: { ...this.#state.self, streams } });
  }
}

export function remoteParticipant(
  participantId: ParticipantId,
  change: Partial<RemoteParticipant> = {},
): RemoteParticipant {
  return {
    participantId,
    name: `Name of ${participantId}`,
    presence: "present",
    speaking: false,
    handRaised: false,
    identity: { key: `key-of-${participantId}`, kept: false },
    streams: [],
    ...change,
  };
}

export function remoteStream(
  source: MediaSource,
  track: MediaStreamTrack,
  change: Partial<RemoteStream> = {},
): RemoteStream {
  return { source, track, muted: false, trouble: "none", ...change };
}
