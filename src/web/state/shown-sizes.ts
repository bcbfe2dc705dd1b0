import type { Clock } from "../../lib/clock.ts";
import type { MediaSource, ParticipantId } from "../../protocol/index.ts";
import type { CallPort, ShownSize } from "./call-port.ts";

/** Sizes are rounded up to this many device pixels, so that a drag of the window isn't a storm. */
const STEP = 32;
/** How long a size must stand before it is told. */
const SETTLE_MS = 150;
/** How long a page must be hidden before its pictures stop. */
const HIDE_MS = 5_000;

interface Shown {
  readonly participantId: ParticipantId;
  readonly source: MediaSource;
  wanted: ShownSize | null;
  told: ShownSize | null | undefined;
}

/** Tells the call how large each remote picture is on this screen, so that the SFU sends no more. */
export class ShownSizes {
  readonly #call: CallPort;
  readonly #clock: Clock;
  readonly #shown = new Map<string, Shown>();
  #cancel: (() => void) | null = null;
  #cancelHiding: (() => void) | null = null;
  #isPageHidden = false;

  constructor(call: CallPort, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
  }

  /** A `size` of null: not in view. */
  report(participantId: ParticipantId, source: MediaSource, size: ShownSize | null): void {
    const key = `${participantId}:${source}`;
    const shown = this.#shown.get(key) ?? { participantId, source, wanted: null, told: undefined };
    shown.wanted = size === null ? null : roundUp(size);
    this.#shown.set(key, shown);
    // What appears is asked for at once; only changes of what is there already wait.
    if (shown.told === undefined || (shown.told === null && shown.wanted !== null))
      this.#tell(shown);
    else
      this.#cancel ??= this.#clock.after(SETTLE_MS, () => {
        this.#settle();
      });
  }

  /**
   * Nobody looks at a page in the background: its pictures are not asked for, after a moment in
   * which somebody may only have looked elsewhere. Back in view, they are asked for at once.
   */
  setPageHidden(hidden: boolean): void {
    this.#cancelHiding?.();
    this.#cancelHiding = null;
    if (hidden) {
      this.#cancelHiding = this.#clock.after(HIDE_MS, () => {
        this.#isPageHidden = true;
        this.#settle();
      });
    } else if (this.#isPageHidden) {
      this.#isPageHidden = false;
      this.#settle();
    }
  }

  /** The stream is no longer on the page. */
  withdraw(participantId: ParticipantId, source: MediaSource): void {
    const key = `${participantId}:${source}`;
    const shown = this.#shown.get(key);
    this.#shown.delete(key);
    if (shown?.told) this.#call.showing(participantId, source, null);
  }

  /** Forgets who is gone. */
  keepOnly(participantIds: ReadonlySet<ParticipantId>): void {
    for (const [key, { participantId }] of this.#shown) {
      if (!participantIds.has(participantId)) this.#shown.delete(key);
    }
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#cancelHiding?.();
    this.#cancelHiding = null;
    this.#shown.clear();
  }

  #settle(): void {
    this.#cancel = null;
    for (const shown of this.#shown.values()) this.#tell(shown);
  }

  #tell(shown: Shown): void {
    const size = this.#isPageHidden ? null : shown.wanted;
    if (shown.told !== undefined && isSame(shown.told, size)) return;
    shown.told = size;
    this.#call.showing(shown.participantId, shown.source, size);
  }
}

function roundUp({ width, height }: ShownSize): ShownSize {
  return { width: Math.ceil(width / STEP) * STEP, height: Math.ceil(height / STEP) * STEP };
}

function isSame(a: ShownSize | null, b: ShownSize | null): boolean {
  return a === b || (a?.width === b?.width && a?.height === b?.height);
}
