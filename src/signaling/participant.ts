import type { Logger } from "../observability/index.ts";
import type { ParticipantId, ParticipantSnapshot } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { ParticipantMedia } from "./participant-media.ts";
import { newResumeToken, sameToken } from "./resume.ts";

/**
 * Somebody's stay in a room, from their joining until they leave or are lost. Connections come
 * and go in the meantime.
 */
export class Participant {
  readonly id: ParticipantId;
  readonly media: ParticipantMedia;
  readonly logger: Logger;
  /** The same for the whole stay, so that an answer that was lost with its connection harms nothing. */
  readonly resumeToken = newResumeToken();
  readonly #onClosed: () => void;
  #connection: Connection | undefined;
  #cancelLoss: (() => void) | undefined;
  #isCutOff = false;

  /** `onClosed` is called once, when the stay is over. */
  constructor(id: ParticipantId, media: ParticipantMedia, logger: Logger, onClosed: () => void) {
    this.id = id;
    this.media = media;
    this.logger = logger;
    this.#onClosed = onClosed;
  }

  /** Undefined while the connection is lost. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  get snapshot(): ParticipantSnapshot {
    return {
      participantId: this.id,
      connected: this.#connection !== undefined,
      producers: this.media.producers.snapshot,
    };
  }

  mayResume(token: string | undefined): boolean {
    return !this.#isCutOff && token !== undefined && sameToken(token, this.resumeToken);
  }

  /** Breaks the connection for good: this stay can't be taken up again. */
  cutOff(): void {
    this.#isCutOff = true;
    this.#connection?.close();
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    this.#cancelLoss?.();
    this.#cancelLoss = undefined;
  }

  /** `cancelLoss` ends the wait for the participant's return. */
  detach(cancelLoss: () => void): void {
    this.#connection = undefined;
    this.#cancelLoss = cancelLoss;
  }

  /** The stay is over. */
  close(): void {
    this.#cancelLoss?.();
    this.#cancelLoss = undefined;
    this.#connection = undefined;
    this.media.close();
    this.#onClosed();
  }
}
