import { createHash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { scrubText } from "./scrub-text.ts";

/**
 * A text that may stand in a log. A plain `string` may not: only the functions of this file make
 * a `Loggable`, and each of them takes away what must not be written down.
 */
export class Loggable {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

const ID_CHARACTERS = 6;

/**
 * The first six characters of an id: enough to follow one room or participant through the log of
 * a day, too few to name it to the server or to find it elsewhere.
 */
export function loggableId(id: string): Loggable {
  return new Loggable(id.length > ID_CHARACTERS ? `${id.slice(0, ID_CHARACTERS)}…` : id);
}

/** An address without its host part: `203.0.113.x`, or the first 48 bits of an IPv6 address. */
export function loggableAddress(address: string): Loggable {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) return new Loggable(plain.replace(/\d+$/, "x"));
  if (!isIPv6(plain)) return new Loggable("[not an address]");
  const groups = expandedGroups(plain);
  return new Loggable(`${groups.slice(0, 3).join(":")}:x`);
}

/**
 * An address that is this server's own, as its operator configured it: nobody's privacy. Never
 * call it with an address that came from a client.
 */
export function loggableOwnAddress(address: string): Loggable {
  return new Loggable(address);
}

/** A text of the machine itself: a version, a path, the name of a setting. */
export function loggableOwnText(text: string): Loggable {
  return new Loggable(text);
}

/** Name, code and message with ids, tokens and addresses taken out, and where it was thrown. */
export function loggableError(error: unknown): Loggable {
  if (!(error instanceof Error)) return new Loggable(scrubText(String(error)));
  const code = "code" in error && typeof error.code === "string" ? ` [${error.code}]` : "";
  const cause =
    error.cause === undefined ? "" : `; caused by ${loggableError(error.cause).toString()}`;
  const head = `${error.name}${code}: ${scrubText(error.message)}`;
  return new Loggable(`${head}${placesOf(error)}${cause}`);
}

/** Tells two values apart, or the same one again, without telling the value: 8 hex digits. */
export function loggableDigest(value: string): Loggable {
  return new Loggable(createHash("sha256").update(value).digest("hex").slice(0, 8));
}

function placesOf(error: Error): string {
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return places.length === 0 ? "" : ` (${places.map((line) => line.trim()).join(" ")})`;
}

function expandedGroups(address: string): string[] {
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
}
