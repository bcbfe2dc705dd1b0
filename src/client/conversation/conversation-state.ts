import type { ParticipantId } from "../../protocol/index.ts";

/** One message of the chat. */
export interface ChatMessage {
  /** Counts up in this client's order; the same message has other numbers elsewhere. */
  readonly id: number;
  readonly participantId: ParticipantId;
  /** The sender's name when it was sent. */
  readonly name: string;
  /** Without control characters; line breaks and tabs stay. At most 2,000 UTF-16 code units. */
  readonly text: string;
  /** When it came, or was sent, by this client's clock: milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** Shown for five seconds. */
export interface Reaction {
  readonly id: number;
  readonly participantId: ParticipantId;
  readonly name: string;
  /** One emoji. */
  readonly emoji: string;
}

/** What people tell each other besides sound and pictures. An immutable picture. */
export interface ConversationState {
  /** The last 500 messages since this participant joined, oldest first. */
  readonly chat: readonly ChatMessage[];
  /** Of the last five seconds, at most 32, oldest first. */
  readonly reactions: readonly Reaction[];
  /** Whose hand is raised, the first to raise it first; this participant may be among them. */
  readonly raisedHands: readonly ParticipantId[];
}
