import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { toBase64Url } from "../lib/base64url.ts";

const TOKEN_BYTES = 32;

/** Whoever holds the token may take up the stay that it was given to. */
export function newResumeToken(): string {
  return toBase64Url(randomBytes(TOKEN_BYTES));
}

/** Compares in a time that tells nothing of where the two differ, or of their lengths. */
export function sameToken(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
