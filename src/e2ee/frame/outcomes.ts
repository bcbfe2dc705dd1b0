/** Frames above this are refused, in bytes. The largest key frames of a 4k screen stay below 2 MB. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * Why a frame was not sealed; it is dropped then.
 *
 * - `no-key`: there is no epoch to seal with yet, or its keys are gone.
 * - `unknown-codec`: the codec is not in the table, or is not of the source's kind.
 * - `malformed`: no frame that this codec can have made, or too large a one.
 * - `counter-exhausted`: the key has sealed as many frames as it may.
 */
export type SealRefusal = "no-key" | "unknown-codec" | "malformed" | "counter-exhausted";

/**
 * Why a frame was not opened; it is dropped then.
 *
 * - `no-key`: its epoch lies ahead of the current one, and did not become known in time.
 * - `wrong-epoch`: its epoch is over, or was never of this group: the sender has missed something.
 * - `earlier-epoch`: sealed before this receiver came into the group, or came back. No reason for
 *   concern: senders change to a new epoch a little later than it begins.
 * - `wrong-sender`: sealed by somebody else than the participant whose stream it is said to be, or
 *   by somebody who has been shut out.
 * - `wrong-stream`: sealed by the right participant, for another source.
 * - `tampered`: the authentication tag does not match.
 * - `replayed`: it was opened before, or is older than the replay window. No reason for concern:
 *   retransmissions do that.
 * - `malformed`: not a sealed frame at all.
 * - `unknown-codec`: the codec is not in the table, or is not of the source's kind.
 *
 * An unsealed frame has no cause of its own: its first bytes are read as a header, and say
 * anything. What matters is that it never opens.
 */
export type OpenRefusal =
  | "no-key"
  | "wrong-epoch"
  | "earlier-epoch"
  | "wrong-sender"
  | "wrong-stream"
  | "tampered"
  | "replayed"
  | "malformed"
  | "unknown-codec";

export const SEAL_REFUSALS: readonly SealRefusal[] = [
  "no-key",
  "unknown-codec",
  "malformed",
  "counter-exhausted",
];

export const OPEN_REFUSALS: readonly OpenRefusal[] = [
  "no-key",
  "wrong-epoch",
  "earlier-epoch",
  "wrong-sender",
  "wrong-stream",
  "tampered",
  "replayed",
  "malformed",
  "unknown-codec",
];

export type SealOutcome =
  | { readonly status: "sealed"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly status: "refused"; readonly cause: SealRefusal };

export type OpenOutcome =
  | {
      readonly status: "opened";
      readonly data: Uint8Array<ArrayBuffer>;
      /** Of audio: the frame before, if it came along. A part of a larger buffer. */
      readonly previous: Uint8Array<ArrayBuffer> | undefined;
    }
  | { readonly status: "refused"; readonly cause: OpenRefusal }
  /** The frame may open once the keys of its epoch are here; `cause` is why not if they don't come. */
  | { readonly status: "unknown-epoch"; readonly cause: "no-key" | "wrong-epoch" };
