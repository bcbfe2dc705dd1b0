import { createHash, createHmac } from "node:crypto";
import type { Clock } from "../lib/clock.ts";

/** What a client hands to `RTCPeerConnection` as `username` and `credential`. */
export interface TurnCredential {
  readonly username: string;
  readonly password: string;
  /** Milliseconds since the Unix epoch. No new allocation is made with it afterwards. */
  readonly expiresAtMs: number;
}

export interface CredentialOptions {
  readonly secret: string;
  /** Quotas count by it. 1 to 128 characters of `A-Z a-z 0-9 _ . -`; say nothing personal in it. */
  readonly id: string;
  readonly lifetimeMs: number;
}

/** A username whose form is right: nothing is proven by that. */
export interface ClaimedIdentity {
  readonly username: string;
  readonly id: string;
  readonly expiresAtMs: number;
}

// Twelve digits reach beyond the year 30,000: no number that is too large for a double.
const usernamePattern = /^(\d{1,12}):([A-Za-z0-9_.-]{1,128})$/;

/**
 * A time-limited credential of the TURN REST form (draft-uberti-behave-turn-rest-00 section 2.2):
 * the username is `expiry:id` with the expiry in Unix seconds, the password is
 * base64(HMAC-SHA1(secret, username)). coturn's `use-auth-secret` takes the same.
 */
export function issueCredential(options: CredentialOptions, clock: Clock): TurnCredential {
  const expiry = Math.floor((clock.now() + options.lifetimeMs) / 1000);
  const username = `${expiry}:${options.id}`;
  if (!usernamePattern.test(username)) throw new RangeError("not a credential id or lifetime");
  return {
    username,
    password: passwordOf(options.secret, username),
    expiresAtMs: expiry * 1000,
  };
}

/** Undefined when `username` is not of the form that `issueCredential` gives. */
export function parseUsername(username: string): ClaimedIdentity | undefined {
  const match = usernamePattern.exec(username);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { username, id: match[2], expiresAtMs: Number(match[1]) * 1000 };
}

export function passwordOf(secret: string, username: string): string {
  return createHmac("sha1", secret).update(username).digest("base64");
}

/** The key of the long-term credential mechanism (RFC 8489 section 9.2.2): MD5 of the triple. */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}
