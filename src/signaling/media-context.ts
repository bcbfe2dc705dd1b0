import type { Emitter } from "../lib/emitter.ts";
import type {
  NotificationPayload,
  ParticipantId,
  ProducerId,
  ProducerSnapshot,
  RoomId,
} from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { MediaDirectory } from "./media-directory.ts";
import type { SfuControl } from "./ports.ts";
import type { SfuRooms } from "./sfu-rooms.ts";

/** What the participant themselves or the others are told of. */
export interface MediaEvents {
  "producer:opened": ProducerSnapshot;
  "producer:paused": { producerId: ProducerId };
  "producer:resumed": { producerId: ProducerId };
  "producer:closed": { producerId: ProducerId };
  "producer:layers": NotificationPayload<"producer:layers">;
  "consumer:closed": NotificationPayload<"consumer:closed">;
  "consumer:layers": NotificationPayload<"consumer:layers">;
  "transport:closed": NotificationPayload<"transport:closed">;
}

export type CloseReason = "producer-closed" | "worker-died";

/** Where a participant's media belongs, and what it is made with. */
export interface ParticipantMediaContext {
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
  readonly sfu: SfuControl;
  readonly sfuRooms: SfuRooms;
  readonly directory: MediaDirectory;
  readonly maxConsumers: number;
  /** Told of what the SFU could not close. */
  readonly onError: (error: unknown) => void;
}

/** What the transports, producers and consumers of one participant share. */
export interface SharedMedia {
  readonly context: ParticipantMediaContext;
  readonly events: Emitter<MediaEvents>;
  /** True once the stay is over. */
  closed(): boolean;
}

/** Throws `not-joined` once the stay is over. */
export function assertStaying(shared: SharedMedia): void {
  if (shared.closed()) throw new ProtocolError("not-joined");
}

/** Closes what nobody waits for. */
export function closeQuietly({ context }: SharedMedia, closing: Promise<void>): void {
  closing.catch(context.onError);
}
