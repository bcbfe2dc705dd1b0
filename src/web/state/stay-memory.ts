/** What was on when the page went away in the middle of a call. */
export interface Stay {
  readonly microphone: boolean;
  readonly camera: boolean;
}

/**
 * Remembers over a reload, and over nothing else, that this tab was in the call of its present
 * link, so that the reloaded page goes back in by itself.
 */
export interface StayMemory {
  /** The stay that a reload interrupted, or null. */
  recall(): Stay | null;
  remember(stay: Stay | null): void;
}

/** Reads what an earlier page wrote; anything else than a stay is none. */
export function parseStay(value: unknown): Stay | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("microphone" in value) || !("camera" in value)) return null;
  return { microphone: value.microphone === true, camera: value.camera === true };
}
