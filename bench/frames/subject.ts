import { codecOf } from "../../src/e2ee/frame/codecs.ts";
import type { FrameCodec } from "../../src/e2ee/frame/frame-codec.ts";
import type { EpochKeys } from "../../src/e2ee/frame/epoch-keys.ts";
import { FrameOpener } from "../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../src/e2ee/frame/frame-sealer.ts";
import { Keyring } from "../../src/e2ee/frame/keyring.ts";
import type { Task } from "./samples.ts";
import { BATCH } from "./samples.ts";

export const TASK_NAMES = ["none", "rawSeal", "seal", "rawOpen", "open"] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** Frames up to this are measured as Opus, larger ones as VP8. */
const LARGEST_AUDIO_BYTES = 200;

export function keysOf(ownLeafIndex: number): EpochKeys {
  return {
    epoch: 9,
    baseKey: new Uint8Array(32).fill(5),
    ownLeafIndex,
    leaves: [{ participantId: "sender", leafIndex: ownLeafIndex }],
  };
}

/** Ours beside the plain cipher of the same key length, and beside a mere copy, for one size. */
export async function createSubject(
  bytes: number,
): Promise<{ tasks: Record<TaskName, Task>; prepare: Task }> {
  const isAudio = bytes <= LARGEST_AUDIO_BYTES;
  const source = isAudio ? "microphone" : "camera";
  const codec = requireCodec(isAudio ? "audio/opus" : "video/vp8");
  const keyring = new Keyring();
  keyring.setEpoch(keysOf(1));
  const sealer = new FrameSealer(keyring, source);
  const opener = new FrameOpener(keyring, { participantId: "sender", source });
  const frame = interFrame(bytes);
  const seal = async () => {
    const outcome = await sealer.seal(frame, codec);
    if (outcome.status !== "sealed") throw new Error(`not sealed: ${outcome.cause}`);
    return outcome.data;
  };
  let unopened: Uint8Array<ArrayBuffer>[] = [];
  const tasks = {
    none: () => Promise.resolve(handOver(frame.slice().buffer)),
    ...(await createRawTasks(frame)),
    async seal() {
      const outcome = await sealer.seal(frame, codec);
      if (outcome.status !== "sealed") throw new Error(`not sealed: ${outcome.cause}`);
      handOver(outcome.data.buffer);
    },
    async open() {
      const outcome = await opener.open(unopened.pop() ?? frame, codec);
      if (outcome.status !== "opened") throw new Error(`not opened: ${JSON.stringify(outcome)}`);
      handOver(outcome.data.buffer);
    },
  };
  return {
    tasks,
    async prepare() {
      unopened = [];
      for (let count = 0; count < BATCH; count += 1) unopened.push(await seal());
    },
  };
}

/**
 * AES-256-GCM as WebCrypto offers it, with a new nonce for each frame, associated data as long as
 * that of our frames, and nothing around it.
 */
async function createRawTasks(
  frame: Uint8Array<ArrayBuffer>,
): Promise<Record<"rawSeal" | "rawOpen", Task>> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", new Uint8Array(32).fill(5), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  const iv = new Uint8Array(12);
  const parameters = { name: "AES-GCM", iv, additionalData: new Uint8Array(10) };
  const counter = new DataView(iv.buffer);
  // As many as are opened in one batch, because in a call each frame is a new buffer too.
  const sealed: Uint8Array<ArrayBuffer>[] = [];
  while (sealed.length < BATCH) {
    sealed.push(new Uint8Array(await subtle.encrypt(parameters, key, frame)));
  }
  let next = 1;
  let opened = 0;
  return {
    async rawSeal() {
      counter.setUint32(8, next);
      next += 1;
      handOver(await subtle.encrypt(parameters, key, frame));
    },
    async rawOpen() {
      counter.setUint32(8, 0);
      opened += 1;
      handOver(await subtle.decrypt(parameters, key, sealed[opened % BATCH] ?? frame));
    },
  };
}

/** What the browser does with the data of a frame that was written: it takes the buffer away. */
function handOver(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}

/** Bytes that look like a VP8 frame that is no key frame. */
export function interFrame(bytes: number): Uint8Array<ArrayBuffer> {
  const frame = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) & 0xff);
  frame[0] = 0x11;
  return frame;
}

export function requireCodec(mimeType: string): FrameCodec {
  const codec = codecOf(mimeType);
  if (codec === undefined) throw new Error(`${mimeType} cannot be sealed`);
  return codec;
}
