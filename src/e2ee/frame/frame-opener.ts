import type { MediaSource } from "../../protocol/media.ts";
import { unpackAudio } from "./audio-payload.ts";
import type { FrameCodec } from "./frame-codec.ts";
import type { Epoch } from "./epoch.ts";
import { FrameError } from "./frame-error.ts";
import { withHeadroom } from "./grown-buffer.ts";
import type { DecodedHeader } from "./header.ts";
import { decodeHeader } from "./header.ts";
import { decodeKeyId } from "./key-id.ts";
import type { Keyring } from "./keyring.ts";
import { contextOf, kindOf } from "./media-source.ts";
import { associatedData } from "./metadata.ts";
import type { OpenOutcome, OpenRefusal } from "./outcomes.ts";
import { MAX_FRAME_BYTES } from "./outcomes.ts";
import { DEFAULT_REPLAY_WINDOW, ReplayWindow } from "./replay-window.ts";
import type { ReceivingStream } from "./streams.ts";

/** Whose frames an opener opens: what the page shows them as. */
export interface StreamOwner {
  readonly participantId: string;
  readonly source: MediaSource;
}

/**
 * Opens the frames of one source of one participant, and no others: the server chooses which
 * packets come here, so the frame itself must prove whose it is.
 */
export class FrameOpener {
  readonly #keyring: Keyring;
  readonly #owner: StreamOwner;
  readonly #replayWindowSize: number;
  /** The associated data of the last frame: the next one's is nearly always as long. */
  #aad: Uint8Array<ArrayBuffer> | undefined;
  /** Goes with the stream, which goes with its epoch. */
  readonly #windows = new WeakMap<ReceivingStream, ReplayWindow>();

  /** `replayWindowSize` is in counters, a multiple of 32. */
  constructor(
    keyring: Keyring,
    owner: StreamOwner,
    replayWindowSize: number = DEFAULT_REPLAY_WINDOW,
  ) {
    this.#keyring = keyring;
    this.#owner = owner;
    this.#replayWindowSize = replayWindowSize;
  }

  /** Never rejects, whatever the bytes are. The opened data is a buffer of its own. */
  open(sealed: Uint8Array<ArrayBuffer>, codec: FrameCodec | undefined): Promise<OpenOutcome> {
    if (codec === undefined || codec.kind !== kindOf(this.#owner.source)) {
      return Promise.resolve(refuse("unknown-codec"));
    }
    if (sealed.length === 0 || sealed.length > MAX_FRAME_BYTES) {
      return Promise.resolve(refuse("malformed"));
    }
    return this.#open(sealed, codec).catch((error: unknown) => refuse(refusalOf(error)));
  }

  async #open(sealed: Uint8Array<ArrayBuffer>, codec: FrameCodec): Promise<OpenOutcome> {
    const parts = codec.find(sealed);
    if (parts === undefined) return refuse("malformed");
    const { clear, rest } = parts;
    const header = decodeHeader(rest);
    const found = this.#findStream(header);
    if ("status" in found) return found;
    const counter = Number(header.counter);
    if (!Number.isSafeInteger(counter)) return refuse("malformed");
    const window = this.#windowOf(found);
    if (!window.isFresh(counter)) return refuse("replayed");

    const cipher = found.cipher.ready ?? (await found.cipher.promise);
    const headerBytes = rest.subarray(0, header.byteLength);
    // Nothing is awaited from here to the cipher's call, after which the buffer is free again.
    const aad = associatedData(headerBytes, this.#owner.source, codec, clear, this.#aad);
    this.#aad = aad;
    const plaintext = await cipher.open(counter, aad, rest.subarray(header.byteLength));
    // Asked again, because the same frame may have been opened during the wait.
    if (!window.accept(counter)) return refuse("replayed");
    found.noteOpened(counter);
    if (codec.kind === "audio") {
      const { frame, previous } = unpackAudio(plaintext);
      return { status: "opened", data: frame, previous };
    }
    return { status: "opened", data: join(clear, plaintext, codec), previous: undefined };
  }

  /** The keys for the frame, after every check that needs no cryptography. */
  #findStream(header: DecodedHeader): ReceivingStream | OpenOutcome {
    const parts = decodeKeyId(header.keyId);
    if (parts === undefined) return refuse("malformed");
    if (parts.context !== contextOf(this.#owner.source)) return refuse("wrong-stream");
    const epoch = this.#keyring.epochWithResidue(parts.epochResidue);
    if (epoch === undefined) return { status: "unknown-epoch" };
    if (!this.#isOwner(epoch, parts.leafIndex)) return refuse("wrong-sender");
    return epoch.receivingStream(this.#owner.source, parts.leafIndex);
  }

  /** Who has been shut out of the current epoch isn't heard by the keys of an old one either. */
  #isOwner(epoch: Epoch, leafIndex: number): boolean {
    const { participantId } = this.#owner;
    if (epoch.ownerOf(leafIndex) !== participantId) return false;
    return this.#keyring.current?.hasParticipant(participantId) === true;
  }

  #windowOf(stream: ReceivingStream): ReplayWindow {
    const known = this.#windows.get(stream);
    if (known !== undefined) return known;
    const floor = Math.max(0, stream.highest + 1 - this.#replayWindowSize);
    const window = new ReplayWindow(this.#replayWindowSize, floor);
    this.#windows.set(stream, window);
    return window;
  }
}

function join(
  clear: Uint8Array,
  plaintext: ArrayBuffer,
  codec: FrameCodec,
): Uint8Array<ArrayBuffer> {
  if (!codec.ownsClear || clear.length === 0) return new Uint8Array(plaintext);
  const frame = withHeadroom(plaintext, clear.length);
  frame.set(clear);
  return frame;
}

function refusalOf(error: unknown): OpenRefusal {
  if (!(error instanceof FrameError)) return "tampered";
  if (error.code === "wiped") return "no-key";
  return error.code === "tampered" ? "tampered" : "malformed";
}

function refuse(cause: OpenRefusal): OpenOutcome {
  return { status: "refused", cause };
}
