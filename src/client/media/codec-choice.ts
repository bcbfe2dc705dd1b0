import type { Clock } from "../../lib/clock.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type { VideoCodec } from "./video-codec.ts";
import { DEFAULT_CODEC } from "./video-codec.ts";

export interface CodecChoiceEvents {
  "codec:chosen": VideoCodec;
}

/** How long somebody who has come may take to say what they can receive. It is said on entering. */
const ANSWER_MS = 2_000;
/** Each change costs a key frame, and a moment without a picture: nobody's coming and going makes many. */
const RETURN_MS = 5_000;

/**
 * With which codec video is sent: the preferred one as long as everybody in the call can receive
 * it, else the one that every browser knows. Members say what they can receive inside of the
 * encryption, so no server chooses.
 */
export class CodecChoice {
  readonly events = new Emitter<CodecChoiceEvents>();
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #sinceMs = new Map<ParticipantId, number>();
  readonly #receivable = new Map<ParticipantId, ReadonlySet<VideoCodec>>();
  #preferred: VideoCodec = DEFAULT_CODEC;
  #current: VideoCodec | undefined = DEFAULT_CODEC;
  /** False until it is known for the first time who is in the call. */
  #isMember = false;
  /** When the preferred codec may be tried again, after somebody could not receive it. */
  #returnAtMs = 0;
  #cancelLater: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#scope = new Scope("codec choice", clock);
  }

  /** Undefined until it is known for whom: nobody could open a frame sooner anyway. */
  get current(): VideoCodec | undefined {
    return this.#current;
  }

  /** The codec to send with if everybody can receive it. */
  prefer(codec: VideoCodec): void {
    if (codec === this.#preferred) return;
    this.#preferred = codec;
    if (!this.#isMember) this.#current = codec === DEFAULT_CODEC ? codec : undefined;
    this.#decide();
  }

  /** Everybody in the call, oneself included, who sees the own picture without it. */
  membersChanged(members: ReadonlySet<ParticipantId>, self: ParticipantId): void {
    this.#isMember = true;
    for (const id of this.#sinceMs.keys()) if (!members.has(id)) this.#sinceMs.delete(id);
    for (const id of this.#receivable.keys()) if (!members.has(id)) this.#receivable.delete(id);
    for (const id of members) {
      if (id !== self && !this.#sinceMs.has(id)) this.#sinceMs.set(id, this.#clock.now());
    }
    this.#decide();
  }

  /** What somebody says that they can receive. Who says nothing can receive the default one. */
  told(participantId: ParticipantId, receivable: readonly VideoCodec[] = []): void {
    this.#receivable.set(participantId, new Set(receivable));
    this.#decide();
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  #decide(): void {
    this.#cancelLater();
    if (!this.#isMember || this.#scope.ended) return;
    const nowMs = this.#clock.now();
    let silentUntilMs: number | undefined;
    for (const [id, sinceMs] of this.#sinceMs) {
      const receivable = this.#receivable.get(id);
      if (receivable?.has(this.#preferred) === true) continue;
      if (receivable !== undefined || nowMs >= sinceMs + ANSWER_MS) {
        this.#choose(DEFAULT_CODEC);
        return;
      }
      silentUntilMs = Math.min(silentUntilMs ?? Infinity, sinceMs + ANSWER_MS);
    }
    if (silentUntilMs !== undefined) {
      // Who has just come is about to say it: until then all stays as it is.
      this.#choose(this.#current ?? DEFAULT_CODEC);
      this.#decideAt(silentUntilMs);
    } else if (this.#current === DEFAULT_CODEC && nowMs < this.#returnAtMs) {
      this.#decideAt(this.#returnAtMs);
    } else this.#choose(this.#preferred);
  }

  #choose(codec: VideoCodec): void {
    if (codec === this.#current) return;
    if (this.#current === this.#preferred) this.#returnAtMs = this.#clock.now() + RETURN_MS;
    this.#current = codec;
    this.events.emit("codec:chosen", codec);
  }

  #decideAt(atMs: number): void {
    this.#cancelLater = this.#scope.after(atMs - this.#clock.now(), () => {
      this.#decide();
    });
  }
}
