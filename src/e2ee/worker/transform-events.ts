import type { MediaSource } from "../../protocol/media.ts";
import type { OpenRefusal } from "../frame/outcomes.ts";
import type { ReceiverStats, SenderStats } from "./messages.ts";

export interface SenderRef {
  readonly id: string;
  readonly source: MediaSource;
}

export interface ReceiverRef {
  readonly id: string;
  readonly participantId: string;
  readonly source: MediaSource;
}

/** What a `TransformHost` tells. */
export interface TransformEvents {
  "sender:stats": SenderStats;
  "receiver:stats": ReceiverStats;
  /** Frames of this stream do not open. Said again when the cause changes. */
  "receiver:trouble": ReceiverRef & { readonly cause: OpenRefusal };
  "receiver:recovered": ReceiverRef;
  /** Media left without being sealed. The host has taken the track away already. */
  "sender:unsealed": SenderRef;
  /** The encoder works, but no frame reaches the worker and nothing leaves. */
  "sender:stalled": SenderRef;
  /** Nothing is sealed with these keys, because an earlier worker had them. A new epoch is needed. */
  "epoch:spent": { readonly epoch: number };
  /** One stream broke. Nothing passes it any more. */
  "stream:failed": { readonly id: string; readonly reason: string };
  /** The host closed itself, and no media passes. Make a new host and new transports. */
  "worker:failed": { readonly reason: string };
}
