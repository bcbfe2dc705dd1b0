import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { CallMessage, ProfileMessage } from "../group/call-messages.ts";
import { MAX_HAND_MS } from "../group/call-messages.ts";
import { cleanName, cleanText, isEmoji } from "./clean-text.ts";
import type { ChatMessage, ConversationState, Reaction } from "./conversation-state.ts";
import { MessageAllowance } from "./message-allowance.ts";
import { RaisedHands } from "./raised-hands.ts";

export interface ConversationEvents {
  "conversation:changed": undefined;
  /** Of others only. */
  "chat:received": ChatMessage;
  "reaction:received": Reaction;
  /** Somebody's profile, before anything of it is shown. */
  "profile:received": { from: ParticipantId; profile: ProfileMessage };
}

export interface ConversationOptions {
  readonly participantId: ParticipantId;
  readonly name: string;
  readonly clock: Clock;
  /** Sends to all, or to one participant; rejects when it cannot be sent now. */
  readonly send: (message: CallMessage, to: ParticipantId | null) => Promise<void>;
  /** What the own profile says of the device's identity. */
  readonly identity: () => Promise<ProfileMessage["identity"]>;
  /** Which video the own profile says that this client can receive. */
  readonly codecs: () => Promise<NonNullable<ProfileMessage["codecs"]>>;
}

const CHAT_MAX = 500;
const REACTIONS_MAX = 32;
const REACTION_MS = 5_000;
const WELCOMED_ALONE = 4;

/** Names, chat, reactions and raised hands: all that participants tell each other in words and signs. */
export class Conversation {
  readonly events = new Emitter<ConversationEvents>();
  readonly #options: ConversationOptions;
  readonly #scope: Scope;
  readonly #allowance: MessageAllowance;
  readonly #answers: MessageAllowance;
  readonly #names = new Map<ParticipantId, string>();
  readonly #hands = new RaisedHands();
  #chat: readonly ChatMessage[] = [];
  #reactions: readonly Reaction[] = [];
  #lastId = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#scope = new Scope("conversation", options.clock);
    this.#allowance = new MessageAllowance(options.clock);
    this.#answers = new MessageAllowance(options.clock);
  }

  get state(): ConversationState {
    return { chat: this.#chat, reactions: this.#reactions, raisedHands: this.#hands.order };
  }

  get names(): ReadonlyMap<ParticipantId, string> {
    return this.#names;
  }

  /**
   * Tells the own profile to all, or to one participant. `ask`: the others shall tell theirs, for
   * some of it may have been missed. What is lost now is told again on the next entry.
   */
  async introduce(to: ParticipantId | null, ask = false): Promise<void> {
    const { participantId, name, clock, send } = this.#options;
    const identity = await this.#options.identity();
    // Where nothing can be received the call ends, for a reason of its own.
    const codecs = await this.#options.codecs().catch(() => []);
    const raisedAtMs = this.#hands.sinceMs(participantId);
    const handMs = raisedAtMs === undefined ? undefined : clock.now() - raisedAtMs;
    const profile: ProfileMessage = {
      type: "profile",
      name,
      ...(handMs !== undefined && { handMs: Math.min(MAX_HAND_MS, Math.max(0, handMs)) }),
      ...(identity !== undefined && { identity }),
      codecs,
      ...(ask && { ask }),
    };
    await send(profile, to).catch(() => undefined);
  }

  /** Newcomers know nobody's name. A few are told alone; for many, one message to all is less. */
  welcome(newcomers: readonly ParticipantId[]): void {
    if (newcomers.length > WELCOMED_ALONE) void this.introduce(null);
    else for (const id of newcomers) void this.introduce(id);
  }

  /** Rejects with `CallError`: `bad-message`, `rate-limited`, or why it cannot be sent. */
  async sendChat(text: string): Promise<void> {
    const clean = cleanText(text);
    if (clean === "") throw new CallError("bad-message");
    await this.#send({ type: "chat", text: clean });
    this.#addChat(this.#options.participantId, clean);
    this.#change();
  }

  /** Rejects as `sendChat` does. */
  async react(emoji: string): Promise<void> {
    if (!isEmoji(emoji)) throw new CallError("bad-message");
    await this.#send({ type: "reaction", emoji });
    this.#addReaction(this.#options.participantId, emoji);
    this.#change();
  }

  /** Rejects as `sendChat` does; the own hand is then as it was. */
  async setHandRaised(raised: boolean): Promise<void> {
    const { participantId } = this.#options;
    if ((this.#hands.sinceMs(participantId) !== undefined) === raised) return;
    await this.#send({ type: "hand", raised });
    this.#setHand(participantId, raised);
    this.#change();
  }

  receive(from: ParticipantId, message: CallMessage): void {
    if (this.#scope.ended || !this.#allowance.take(from)) return;
    switch (message.type) {
      case "profile":
        this.#onProfile(from, message);
        break;
      case "chat": {
        const text = cleanText(message.text);
        if (text !== "") this.events.emit("chat:received", this.#addChat(from, text));
        break;
      }
      case "reaction":
        if (isEmoji(message.emoji)) {
          this.events.emit("reaction:received", this.#addReaction(from, message.emoji));
        }
        break;
      case "hand":
        this.#setHand(from, message.raised);
        break;
    }
    this.#change();
  }

  /** Forgets whoever is not in the group any more; what they said stays. */
  keepOnly(members: ReadonlySet<ParticipantId>): void {
    const known = new Set([...this.#names.keys(), ...this.#hands.order]);
    for (const id of known) {
      if (members.has(id)) continue;
      this.#names.delete(id);
      this.#hands.set(id, undefined);
    }
    this.#allowance.keepOnly(members);
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  #onProfile(from: ParticipantId, profile: ProfileMessage): void {
    const { handMs } = profile;
    this.#names.set(from, cleanName(profile.name));
    this.#hands.set(from, handMs === undefined ? undefined : this.#options.clock.now() - handMs);
    this.events.emit("profile:received", { from, profile });
    // When all come back at the same moment, as after a server's restart, all tell all anyway.
    const answers = profile.ask === true && this.#answers.take(this.#options.participantId);
    if (answers) void this.introduce(from);
  }

  /** What the others would not hear is not sent. */
  async #send(message: CallMessage): Promise<void> {
    this.#scope.assertOpen();
    if (!this.#allowance.take(this.#options.participantId)) {
      throw new CallError("rate-limited", { message: "Too many messages at once." });
    }
    await this.#options.send(message, null);
  }

  #addChat(participantId: ParticipantId, text: string): ChatMessage {
    const atMs = this.#options.clock.now();
    const message = {
      id: this.#nextId(),
      participantId,
      name: this.#nameOf(participantId),
      text,
      atMs,
    };
    this.#chat = [...this.#chat, message].slice(-CHAT_MAX);
    return message;
  }

  #addReaction(participantId: ParticipantId, emoji: string): Reaction {
    const reaction = {
      id: this.#nextId(),
      participantId,
      name: this.#nameOf(participantId),
      emoji,
    };
    this.#reactions = [...this.#reactions, reaction].slice(-REACTIONS_MAX);
    this.#scope.after(REACTION_MS, () => {
      this.#reactions = this.#reactions.filter((each) => each !== reaction);
      this.#change();
    });
    return reaction;
  }

  #setHand(participantId: ParticipantId, raised: boolean): void {
    this.#hands.set(participantId, raised ? this.#options.clock.now() : undefined);
  }

  #nameOf(participantId: ParticipantId): string {
    const { participantId: self, name } = this.#options;
    return participantId === self ? name : (this.#names.get(participantId) ?? "");
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #change(): void {
    this.events.emit("conversation:changed", undefined);
  }
}
