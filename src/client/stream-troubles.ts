import type { OpenRefusal } from "../e2ee/frame/index.ts";
import type { TransformHost } from "../e2ee/worker/index.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type { StreamTrouble } from "./call-state.ts";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";

export interface StreamTroublesEvents {
  "troubles:changed": undefined;
  "stream:recovered": { participantId: ParticipantId; source: MediaSource };
}

const TROUBLE_OF: Record<OpenRefusal, StreamTrouble> = {
  "no-key": "no-key",
  "wrong-sender": "tampered",
  "wrong-stream": "tampered",
  tampered: "tampered",
  replayed: "none",
  malformed: "unsealed",
  "unknown-codec": "unsealed",
};

/** Which remote streams cannot be opened at present, and why. */
export class StreamTroubles {
  readonly events = new Emitter<StreamTroublesEvents>();
  readonly #scope = new Scope("stream troubles");
  readonly #troubles = new Map<string, StreamTrouble>();

  constructor(transforms: TransformHost) {
    this.#scope.add(
      transforms.events.on("receiver:trouble", ({ participantId, source, cause }) => {
        this.#troubles.set(keyOf(participantId, source), TROUBLE_OF[cause]);
        this.events.emit("troubles:changed", undefined);
      }),
    );
    this.#scope.add(
      transforms.events.on("receiver:recovered", ({ participantId, source }) => {
        this.#troubles.delete(keyOf(participantId, source));
        this.events.emit("stream:recovered", { participantId, source });
        this.events.emit("troubles:changed", undefined);
      }),
    );
  }

  of(participantId: ParticipantId, source: MediaSource): StreamTrouble {
    return this.#troubles.get(keyOf(participantId, source)) ?? "none";
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
    this.#troubles.clear();
  }
}

function keyOf(participantId: ParticipantId, source: MediaSource): string {
  return `${participantId} ${source}`;
}
