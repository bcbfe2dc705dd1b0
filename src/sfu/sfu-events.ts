import type { ConsumerId, ProducerId, TransportId } from "../protocol/index.ts";

/** The layers of a video that a consumer sends now; null while it sends none. */
export type SentLayers = { spatialLayer: number; temporalLayer: number } | null;

/** What the SFU tells of by itself. What it was asked to close is not told again. */
export interface SfuEvents {
  /** All that the transport carried went with it and is not told of one by one. */
  "transport:closed": { transportId: TransportId; reason: "worker-died" };
  /** A producer went while its transport stays. Kept for SFUs on other machines: never told by this one. */
  "producer:closed": { producerId: ProducerId; reason: "worker-died" };
  "consumer:closed": { consumerId: ConsumerId; reason: "producer-closed" | "worker-died" };
  "consumer:layers": { consumerId: ConsumerId; layers: SentLayers };
}
