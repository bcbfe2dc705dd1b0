import type { ParticipantIdentity } from "../../client/identity/identities.ts";
import type { TextStorage } from "./preferences.ts";
import { Store, type Readable } from "./store.ts";

/** Somebody whose key was compared. */
export interface KnownPerson {
  /** Ed25519 public key in base64url. */
  readonly key: string;
  readonly name: string;
}

/**
 * - `verified`: the key was compared and marked.
 * - `changed`: somebody of this name was verified, with another key.
 */
export type Standing = "unknown" | "verified" | "changed";

const STORAGE_KEY = "aparte:known-people";
/** The oldest are forgotten first. */
const KNOWN_MAX = 500;

/**
 * The people whom this browser's owner has verified. Keys that devices keep are remembered from
 * call to call, in this browser; keys of one stay only as long as the page.
 */
export class KnownPeople implements Readable<readonly KnownPerson[]> {
  readonly #storage: TextStorage;
  readonly #store: Store<readonly KnownPerson[]>;
  readonly #passing = new Set<string>();

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#store = new Store(load(storage));
  }

  readonly get = (): readonly KnownPerson[] => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  standingOf(name: string, identity: ParticipantIdentity | null): Standing {
    if (identity === null) return "unknown";
    const people = this.get();
    if (people.some(({ key }) => key === identity.key)) return "verified";
    return people.some((person) => this.#isKept(person) && isSameName(person.name, name))
      ? "changed"
      : "unknown";
  }

  setVerified(name: string, identity: ParticipantIdentity, verified: boolean): void {
    const others = this.get().filter(({ key }) => key !== identity.key);
    if (!identity.kept) this.#passing.add(identity.key);
    this.#store.set(verified ? [...others, { key: identity.key, name }].slice(-KNOWN_MAX) : others);
    this.#save();
  }

  #isKept({ key }: KnownPerson): boolean {
    return !this.#passing.has(key);
  }

  #save(): void {
    const kept = this.get().filter((person) => this.#isKept(person));
    try {
      this.#storage.setItem(STORAGE_KEY, JSON.stringify(kept));
    } catch {
      // A private window or a full disk: what was verified then lasts as long as the page.
    }
  }
}

/** Somebody who writes a name a little differently must not pass for somebody new. */
function isSameName(a: string, b: string): boolean {
  return fold(a) === fold(b) && fold(a) !== "";
}

function fold(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
}

function load(storage: TextStorage): readonly KnownPerson[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(value) ? value.filter(isKnownPerson).slice(-KNOWN_MAX) : [];
  } catch {
    return [];
  }
}

function isKnownPerson(value: unknown): value is KnownPerson {
  return (
    typeof value === "object" &&
    value !== null &&
    "key" in value &&
    typeof value.key === "string" &&
    "name" in value &&
    typeof value.name === "string"
  );
}
