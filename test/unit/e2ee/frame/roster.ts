import type { EpochKeys } from "../../../../src/e2ee/frame/epoch-keys.ts";
import { codecOf } from "../../../../src/e2ee/frame/codecs.ts";
import type { FrameCodec } from "../../../../src/e2ee/frame/frame-codec.ts";

/** Three people in one group: Alice on leaf 0, Bob on 1, Mallory on 2. */
const PEOPLE = ["alice", "bob", "mallory"] as const;
export type Person = (typeof PEOPLE)[number];

/** The keys of an epoch as one of them gets them. The base key is 32 times `keyByte`. */
export function epochKeysOf(
  person: Person,
  epoch: number,
  keyByte: number = epoch + 1,
  members: readonly Person[] = PEOPLE,
): EpochKeys {
  return {
    epoch,
    baseKey: new Uint8Array(32).fill(keyByte),
    ownLeafIndex: PEOPLE.indexOf(person),
    leaves: members.map((participantId) => ({
      participantId,
      leafIndex: PEOPLE.indexOf(participantId),
    })),
  };
}

export const OPUS = requireCodec("audio/opus");
export const VP8 = requireCodec("video/VP8");

/** A VP8 frame tag says by its lowest bit whether it is a key frame (0) or not (1). */
export function vp8Frame(length: number, isKeyFrame: boolean): Uint8Array<ArrayBuffer> {
  const frame = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
  frame[0] = isKeyFrame ? 0x10 : 0x11;
  return frame;
}

export function requireCodec(mimeType: string): FrameCodec {
  const codec = codecOf(mimeType);
  if (codec === undefined) throw new Error(`${mimeType} is not in the table`);
  return codec;
}
