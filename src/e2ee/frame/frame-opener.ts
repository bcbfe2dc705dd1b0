import type { MediaKind, MediaSource } from "../../protocol/media.ts";
import { unpackAudio } from "./audio-payload.ts";
import type { FrameCodec } from "./frame-codec.ts";
import type { Epoch } from "./epoch.ts";
import { FrameError } from "./frame-error.ts";
import { decodeKeyId } from "./key-id.ts";
import type { Keyring } from "./keyring.ts";
import { readMediaHeader } from "./media-header.ts";
import { contextOf, kindOf } from "./media-source.ts";
import { AssociatedData } from "./metadata.ts";
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
  readonly #kind: MediaKind;
  readonly #context: number;
  readonly #aad: AssociatedData;
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
    this.#kind = kindOf(owner.source);
    this.#context = contextOf(owner.source);
    this.#aad = new AssociatedData(owner.source);
  }

  /** Never rejects, whatever the bytes are. The opened data is a buffer of its own. */
  async open(
    received: Uint8Array<ArrayBuffer>,
    codec: FrameCodec | undefined,
  ): Promise<OpenOutcome> {
    if (codec === undefined || codec.kind !== this.#kind) return refuse("unknown-codec");
    if (received.length === 0 || received.length > MAX_FRAME_BYTES) return refuse("malformed");
    const parts = codec.find(received);
    if (parts === undefined) return refuse("malformed");
    const { bytes, sealedAt, clear } = parts;
    const header = readMediaHeader(bytes, sealedAt);
    if (header === undefined) return refuse("malformed");
    // All in one function, since each promise around another costs a turn of the queue.
    try {
      const { keyId, counter, byteLength } = header;
      const found = this.#findStream(keyId);
      if ("status" in found) return found;
      const window = this.#windowOf(found);
      if (!window.isFresh(counter)) return refuse("replayed");

      const cipher = found.cipher.ready ?? (await found.cipher.promise);
      // Nothing is awaited from here to the cipher's call, after which the buffer is free again.
      const aad = this.#aad.of(keyId, counter, codec, clear);
      const plaintext = await cipher.open(counter, aad, bytes.subarray(sealedAt + byteLength));
      // Asked again, because the same frame may have been opened during the wait.
      if (!window.accept(counter)) return refuse("replayed");
      found.noteOpened(counter);
      if (codec.kind === "audio") {
        const { frame, previous } = unpackAudio(plaintext);
        return { status: "opened", data: frame, previous };
      }
      return { status: "opened", data: new Uint8Array(plaintext), previous: undefined };
    } catch (error) {
      return refuse(refusalOf(error));
    }
  }

  /** The keys for the frame, after every check that needs no cryptography. */
  #findStream(keyId: number): ReceivingStream | OpenOutcome {
    const parts = decodeKeyId(keyId);
    if (parts === undefined) return refuse("malformed");
    if (parts.context !== this.#context) return refuse("wrong-stream");
    const epoch = this.#keyring.epochWithResidue(parts.epochResidue);
    if (epoch === undefined) return this.#unknownEpoch(parts.epochResidue);
    if (!this.#isOwner(epoch, parts.leafIndex)) return refuse("wrong-sender");
    return epoch.receivingStream(this.#owner.source, parts.leafIndex);
  }

  #unknownEpoch(residue: number): OpenOutcome {
    if (this.#keyring.isBeforeEntry(residue)) return refuse("earlier-epoch");
    const cause = this.#keyring.isBehind(residue) ? "wrong-epoch" : "no-key";
    return { status: "unknown-epoch", cause };
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
    // A later receiver of the stream begins behind all that was opened: else a server could have a
    // new one made, and play to it again what an earlier one has heard.
    const floor = stream.highest + 1;
    const window = new ReplayWindow(this.#replayWindowSize, floor);
    this.#windows.set(stream, window);
    return window;
  }
}

function refusalOf(error: unknown): OpenRefusal {
  // WebCrypto's way to say that the tag does not match.
  if (!(error instanceof FrameError)) return "tampered";
  if (error.code === "wiped") return "no-key";
  return error.code === "tampered" ? "tampered" : "malformed";
}

function refuse(cause: OpenRefusal): OpenOutcome {
  return { status: "refused", cause };
}
