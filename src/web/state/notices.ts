import type { Clock } from "../../lib/clock.ts";
import type { CaptureProblem } from "./capture-problem.ts";
import type { InputKind } from "./devices-port.ts";
import { Store, type Readable } from "./store.ts";

/** Something that a person should be told once. Its words are in strings.ts. */
export type Notice =
  | { readonly kind: "joined" | "left" | "hand-raised"; readonly name: string }
  | { readonly kind: "identity-changed"; readonly name: string }
  | { readonly kind: "chat"; readonly name: string; readonly text: string }
  | { readonly kind: "not-sent" | "not-done" }
  /** `by` is null if it was oneself. */
  | { readonly kind: "kicked"; readonly name: string; readonly by: string | null }
  | { readonly kind: "lock-changed"; readonly locked: boolean; readonly by: string | null }
  | { readonly kind: "link-copied" | "link-not-copied" | "stream-refused" }
  | { readonly kind: "input-lost"; readonly input: InputKind; readonly replacement: string | null }
  | { readonly kind: "input-failed"; readonly input: InputKind; readonly problem: CaptureProblem }
  | { readonly kind: "screen-failed"; readonly problem: CaptureProblem };

export interface ShownNotice {
  readonly id: number;
  readonly notice: Notice;
}

const SHOWN_MS = 5_000;
/** More at once can't be read; the oldest go first. */
const SHOWN_MAX = 3;

/** The notices on the screen; each goes by itself after a while. */
export class Notices implements Readable<readonly ShownNotice[]> {
  readonly #store = new Store<readonly ShownNotice[]>([]);
  readonly #clock: Clock;
  readonly #timers = new Map<number, () => void>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly get = (): readonly ShownNotice[] => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  show(notice: Notice): void {
    this.#lastId += 1;
    const id = this.#lastId;
    // A talk would push everything else away: only its last words are shown.
    const isStale = (old: ShownNotice) => notice.kind === "chat" && old.notice.kind === "chat";
    const before = this.#store.get();
    const shown = [...before.filter((old) => !isStale(old)), { id, notice }];
    for (const old of before) {
      if (isStale(old) || !shown.slice(-SHOWN_MAX).includes(old)) this.#forgetTimer(old.id);
    }
    this.#timers.set(
      id,
      this.#clock.after(SHOWN_MS, () => {
        this.dismiss(id);
      }),
    );
    this.#store.set(shown.slice(-SHOWN_MAX));
  }

  dismiss(id: number): void {
    this.#forgetTimer(id);
    this.#store.set(this.#store.get().filter((shown) => shown.id !== id));
  }

  dismissKind(kind: Notice["kind"]): void {
    for (const { id, notice } of this.#store.get()) if (notice.kind === kind) this.dismiss(id);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.#forgetTimer(id);
    this.#store.set([]);
  }

  #forgetTimer(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }
}
