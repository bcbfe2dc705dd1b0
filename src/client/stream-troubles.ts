import type { OpenRefusal } from "../e2ee/frame/index.ts";
import type { TransformHost } from "../e2ee/worker/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type { StreamTrouble } from "./call-state.ts";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";

/** A stream that could not be opened for a while. */
export interface TroubleRecord {
  readonly participantId: ParticipantId;
  readonly source: MediaSource;
  readonly cause: Exclude<StreamTrouble, "none">;
  /** By this client's clock, in milliseconds since the Unix epoch. */
  readonly beganAtMs: number;
  /** Null while it lasts. */
  readonly endedAtMs: number | null;
}

export interface StreamTroublesEvents {
  "troubles:changed": undefined;
  "trouble:began": TroubleRecord;
  /** It recovered, or its stream is gone. */
  "trouble:ended": TroubleRecord;
  "stream:recovered": { participantId: ParticipantId; source: MediaSource };
}

const TROUBLE_OF: Record<OpenRefusal, StreamTrouble> = {
  "no-key": "no-key",
  "wrong-epoch": "wrong-epoch",
  "earlier-epoch": "none",
  "wrong-sender": "tampered",
  "wrong-stream": "tampered",
  tampered: "tampered",
  replayed: "none",
  malformed: "unsealed",
  "unknown-codec": "unsealed",
};
/** Troubles that are over and still told by `history`. */
const HISTORY_MAX = 100;

/** Which remote streams cannot be opened at present, and why. */
export class StreamTroubles {
  readonly events = new Emitter<StreamTroublesEvents>();
  readonly #scope = new Scope("stream troubles");
  readonly #clock: Clock;
  readonly #present = new Map<string, TroubleRecord>();
  readonly #past: TroubleRecord[] = [];

  constructor(transforms: Pick<TransformHost, "events">, clock: Clock) {
    this.#clock = clock;
    this.#scope.add(
      transforms.events.on("receiver:trouble", ({ participantId, source, cause }) => {
        this.#begin(participantId, source, TROUBLE_OF[cause]);
      }),
    );
    this.#scope.add(
      transforms.events.on("receiver:recovered", ({ participantId, source }) => {
        this.#end(keyOf(participantId, source));
        this.events.emit("stream:recovered", { participantId, source });
        this.events.emit("troubles:changed", undefined);
      }),
    );
  }

  /** Streams in trouble now. */
  get present(): readonly TroubleRecord[] {
    return [...this.#present.values()];
  }

  /** The last hundred that are over, then those that last. */
  get history(): readonly TroubleRecord[] {
    return [...this.#past, ...this.#present.values()];
  }

  of(participantId: ParticipantId, source: MediaSource): StreamTrouble {
    return this.#present.get(keyOf(participantId, source))?.cause ?? "none";
  }

  /** A stream that has ended is in trouble no more. */
  keepOnly(
    streams: readonly { readonly participantId: ParticipantId; readonly source: MediaSource }[],
  ): void {
    const keys = new Set(streams.map(({ participantId, source }) => keyOf(participantId, source)));
    for (const key of this.#present.keys()) if (!keys.has(key)) this.#end(key);
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
    this.#present.clear();
  }

  #begin(participantId: ParticipantId, source: MediaSource, cause: StreamTrouble): void {
    const key = keyOf(participantId, source);
    if (cause === "none" || this.#present.get(key)?.cause === cause) return;
    this.#end(key);
    const beganAtMs = this.#clock.now();
    const record = { participantId, source, cause, beganAtMs, endedAtMs: null };
    this.#present.set(key, record);
    this.events.emit("trouble:began", record);
    this.events.emit("troubles:changed", undefined);
  }

  #end(key: string): void {
    const record = this.#present.get(key);
    if (record === undefined) return;
    this.#present.delete(key);
    const ended = { ...record, endedAtMs: this.#clock.now() };
    this.#past.push(ended);
    if (this.#past.length > HISTORY_MAX) this.#past.shift();
    this.events.emit("trouble:ended", ended);
  }
}

function keyOf(participantId: ParticipantId, source: MediaSource): string {
  return `${participantId} ${source}`;
}
