import type { types } from "mediasoup";
import { Scope } from "../lib/scope.ts";
import type { CloseReason } from "./close-reason.ts";
import type { MediaWorker } from "./media-worker.ts";
import { Holders } from "./holders.ts";

/** What closes with a router: a transport, or this side of a link to another router. */
export interface RouterChild {
  close(reason: CloseReason): void;
}

/**
 * The router of one room on one worker.
 *
 * Owned by its Room, which hears `onClosed`. It lives as long as somebody holds it: each transport
 * of the room on this worker does, from before it is made until it is closed. When the last one
 * lets go it closes with `unused`, so no worker keeps the router of a room that nobody is in. It
 * owns its children, transports and links, and closes them after the router itself: mediasoup then
 * tells the worker once instead of once for each.
 */
export class RoomRouter {
  readonly worker: MediaWorker;
  readonly #scope: Scope;
  readonly #ready: Promise<types.Router>;
  readonly #children = new Set<RouterChild>();
  readonly #onClosed: () => void;
  #router: types.Router | undefined;
  readonly #holders = new Holders(() => {
    this.close("unused");
  });

  constructor(worker: MediaWorker, onClosed: () => void) {
    this.worker = worker;
    this.#onClosed = onClosed;
    this.#scope = new Scope("router");
    this.#scope.add(
      worker.onDied(() => {
        this.close("worker-died");
      }),
    );
    this.#ready = this.#create();
    // Those who wait for it hear of the failure; when nobody waits there is nobody to tell.
    this.#ready.catch(() => {});
  }

  get closed(): boolean {
    return this.#scope.ended;
  }

  assertOpen(): void {
    this.#scope.assertOpen();
  }

  /** Rejects with `ClosedError`, or with mediasoup's error when the worker dies meanwhile. */
  async ready(): Promise<types.Router> {
    const router = await this.#ready;
    this.#scope.assertOpen();
    return router;
  }

  /** Keeps the router open until the returned function is called. */
  hold(): () => void {
    this.#scope.assertOpen();
    return this.#holders.add();
  }

  /** Closes `child` when the router closes, unless the returned function was called before. */
  adopt(child: RouterChild): () => void {
    this.#scope.assertOpen();
    this.#children.add(child);
    return () => {
      this.#children.delete(child);
    };
  }

  close(reason: CloseReason): void {
    if (!this.#scope.end(reason)) return;
    this.#router?.close();
    // A worker that dies takes the router along, so what it carried is told the worker's reason.
    for (const child of [...this.#children]) child.close(reason);
    this.#onClosed();
  }

  async #create(): Promise<types.Router> {
    try {
      const router = await this.worker.createRouter();
      this.#router = router;
      if (this.closed) router.close();
      return router;
    } catch (error) {
      this.close("worker-died");
      throw error;
    }
  }
}
