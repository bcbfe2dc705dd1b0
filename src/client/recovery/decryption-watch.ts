import type { GroupMember } from "../../e2ee/group/index.ts";
import type { TransformHost } from "../../e2ee/worker/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type { MediaSource, ParticipantId } from "../../protocol/index.ts";
import type { StreamTrouble } from "../call-state.ts";
import type { TroubleRecord } from "../stream-troubles.ts";
import { StreamTroubles } from "../stream-troubles.ts";
import type { KeyRepairOptions, RepairStage } from "./key-repair.ts";
import { KeyRepair } from "./key-repair.ts";

interface StreamName {
  readonly participantId: ParticipantId;
  readonly source: MediaSource;
}

export interface DecryptionWatchEvents {
  "watch:changed": undefined;
  "trouble:began": TroubleRecord;
  "trouble:ended": TroubleRecord;
  "repair:changed": RepairStage;
}

export interface DecryptionWatchOptions {
  readonly transforms: Pick<TransformHost, "events">;
  readonly clock: Clock;
  readonly repair: KeyRepairOptions["repair"];
  /** A stream opens again, and its picture cannot go on without a key frame. */
  readonly onRecovered: (participantId: ParticipantId, source: MediaSource) => void;
}

/** Sees which streams cannot be opened, and has missing keys looked for. */
export class DecryptionWatch {
  readonly events = new Emitter<DecryptionWatchEvents>();
  readonly #scope = new Scope("decryption watch");
  readonly #troubles: StreamTroubles;
  readonly #repair: KeyRepair;
  #members: ReadonlySet<ParticipantId> = new Set();

  constructor({ transforms, clock, repair, onRecovered }: DecryptionWatchOptions) {
    this.#troubles = new StreamTroubles(transforms, clock);
    this.#repair = new KeyRepair({ clock, repair });
    const { events } = this.#troubles;
    events.on("trouble:began", (record) => {
      this.events.emit("trouble:began", record);
    });
    events.on("trouble:ended", (record) => {
      this.events.emit("trouble:ended", record);
    });
    events.on("troubles:changed", () => {
      this.#look();
    });
    events.on("stream:recovered", ({ participantId, source }) => {
      onRecovered(participantId, source);
    });
    this.#repair.events.on("stage:changed", (stage) => {
      this.events.emit("repair:changed", stage);
      this.events.emit("watch:changed", undefined);
    });
  }

  get stage(): RepairStage {
    return this.#repair.stage;
  }

  get stats(): {
    readonly troubles: readonly TroubleRecord[];
    readonly repairs: KeyRepair["counts"];
  } {
    return { troubles: this.#troubles.history, repairs: this.#repair.counts };
  }

  troubleOf(participantId: ParticipantId, source: MediaSource): StreamTrouble {
    return this.#troubles.of(participantId, source);
  }

  membersChanged(members: readonly GroupMember[]): void {
    this.#members = new Set(members.map((member) => member.participantId));
    this.#look();
  }

  streamsChanged(streams: readonly StreamName[]): void {
    this.#troubles.keepOnly(streams);
    this.#look();
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.#troubles.close();
    this.#repair.close();
    this.events.removeAllListeners();
  }

  #look(): void {
    // Nobody but a member can have a key that is worth asking for. Which of the two has the wrong
    // one cannot be told for certain: whoever is far behind takes the others to be.
    const isMissing = ({ participantId, cause }: TroubleRecord) =>
      (cause === "no-key" || cause === "wrong-epoch") && this.#members.has(participantId);
    this.#repair.update(this.#troubles.present.some(isMissing));
    this.events.emit("watch:changed", undefined);
  }
}
