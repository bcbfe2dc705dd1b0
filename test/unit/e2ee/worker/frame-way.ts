import type { EncodedFrame } from "../../../../src/e2ee/worker/encoded-frame.ts";
import type { FrameStreams } from "../../../../src/e2ee/worker/frame-streams.ts";

/** A sender's or receiver's streams, with the browser's ends of them in the test's hand. */
export class FrameWay implements FrameStreams {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  /** What came out at the end. */
  readonly out: EncodedFrame[] = [];
  /** The key frames that were asked for. */
  readonly asked: string[] = [];
  readonly #into: WritableStreamDefaultWriter<EncodedFrame>;

  constructor() {
    const way = new TransformStream<EncodedFrame, EncodedFrame>();
    this.readable = way.readable;
    this.#into = way.writable.getWriter();
    this.writable = new WritableStream({
      write: (frame) => {
        this.out.push(frame);
      },
    });
  }

  askForKeyFrame(method: string): void {
    this.asked.push(method);
  }

  /** Resolves when the frame came out, or certainly does not any more. */
  async write(data: ArrayBuffer, mimeType = "video/VP8"): Promise<void> {
    const before = this.out.length;
    await this.#into.write({ data, getMetadata: () => ({ mimeType }) });
    for (let turn = 0; turn < 20 && this.out.length === before; turn += 1) await nextTurn();
  }

  async end(): Promise<void> {
    await this.#into.close();
    await nextTurn();
  }

  async break(): Promise<void> {
    await this.#into.abort(new Error("broken"));
    await nextTurn();
  }
}

/**
 * Sealing takes turns of the event loop, because WebCrypto works in threads of its own. They take
 * one task after another, so that once they are through with ours, they have begun all earlier ones.
 */
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  await crypto.subtle.digest("SHA-256", new Uint8Array(1));
}
