import type { ChatMessage } from "../../client/conversation/conversation-state.ts";
import { Store, type Readable } from "./store.ts";

export type PanelName = "chat" | "people";

export interface SidePanelState {
  readonly open: PanelName | null;
  /** Messages of others that came while the chat was closed. */
  readonly unread: number;
}

/** What stands beside the pictures, and what somebody has not read yet. */
export class SidePanel implements Readable<SidePanelState> {
  readonly #store = new Store<SidePanelState>({ open: null, unread: 0 });
  #lastSeenId = 0;

  readonly get = (): SidePanelState => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Opens the panel, or closes it if it is open. */
  toggle(panel: PanelName): void {
    const open = this.get().open === panel ? null : panel;
    this.#store.set({ open, unread: open === "chat" ? 0 : this.get().unread });
  }

  close(): void {
    this.#store.patch({ open: null });
  }

  /** Returns the messages of others that somebody has not been shown: those of a closed chat. */
  update(chat: readonly ChatMessage[], self: string): readonly ChatMessage[] {
    const fresh = chat.filter(({ id }) => id > this.#lastSeenId);
    this.#lastSeenId = chat.at(-1)?.id ?? this.#lastSeenId;
    const unseen = fresh.filter(({ participantId }) => participantId !== self);
    if (this.get().open === "chat" || unseen.length === 0) return [];
    this.#store.patch({ unread: this.get().unread + unseen.length });
    return unseen;
  }
}
