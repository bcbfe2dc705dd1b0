import { concatBytes } from "@noble/hashes/utils.js";
import { fromBase64Url } from "../../lib/base64url.ts";
import { equalBytes } from "./equal-bytes.ts";

const VERSION = 1;
const NONCE_BYTES = 16;

/**
 * An MLS group id, 33 bytes: version (1) ‖ room id (16) ‖ random (16). The room part lets a joiner
 * check that a GroupInfo is of this room. The random part keeps the groups that follow each other
 * in one room apart, so that a message of an earlier one is never taken for one of this.
 */
export function createGroupId(roomId: string): Uint8Array {
  return concatBytes(prefix(roomId), crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

export function isGroupOfRoom(groupId: Uint8Array, roomId: string): boolean {
  const expected = prefix(roomId);
  return (
    groupId.length === expected.length + NONCE_BYTES &&
    equalBytes(groupId.subarray(0, expected.length), expected)
  );
}

function prefix(roomId: string): Uint8Array {
  return concatBytes(Uint8Array.of(VERSION), fromBase64Url(roomId) ?? new Uint8Array());
}
