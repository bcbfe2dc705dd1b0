import type { HostMessage } from "../../../../src/e2ee/worker/messages.ts";
import { TransformService } from "../../../../src/e2ee/worker/transform-service.ts";
import type { ManualClock } from "../../../support/manual-clock.ts";

/** The real worker's service behind the face of a `Worker`, in this process. */
export class InProcessWorker extends EventTarget implements Worker {
  onmessage: Worker["onmessage"] = null;
  onmessageerror: Worker["onmessageerror"] = null;
  onerror: Worker["onerror"] = null;
  isTerminated = false;
  readonly posted: HostMessage[] = [];
  readonly #service: TransformService;

  constructor(clock: ManualClock) {
    super();
    this.#service = new TransformService({
      clock,
      nowMs: () => clock.now(),
      post: (data) => {
        this.dispatchEvent(new MessageEvent("message", { data }));
      },
    });
  }

  postMessage(message: HostMessage): void {
    if (this.isTerminated) return;
    const copy = structuredClone(message);
    this.posted.push(structuredClone(message));
    this.#service.handle(copy);
  }

  terminate(): void {
    this.isTerminated = true;
  }
}
