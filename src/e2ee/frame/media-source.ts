import type { MediaKind, MediaSource } from "../../protocol/media.ts";

/**
 * The SFrame context of each source: the number that stands in the key id, so that each stream
 * of a sender has its own key. A number once given is never used for another source.
 *
 * The protocol says the same of kinds. It is repeated here, because importing it would put the
 * schema library into the worker.
 */
const SOURCES = {
  microphone: { context: 0, kind: "audio" },
  camera: { context: 1, kind: "video" },
  screen: { context: 2, kind: "video" },
  "screen-audio": { context: 3, kind: "audio" },
} as const satisfies Record<MediaSource, { context: number; kind: MediaKind }>;

export function contextOf(source: MediaSource): number {
  return SOURCES[source].context;
}

export function kindOf(source: MediaSource): MediaKind {
  return SOURCES[source].kind;
}

export const MEDIA_SOURCES: readonly MediaSource[] = [
  "microphone",
  "camera",
  "screen",
  "screen-audio",
];
