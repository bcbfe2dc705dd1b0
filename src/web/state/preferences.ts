import type { InputKind } from "./devices-port.ts";
import { Store, type Readable } from "./store.ts";

/** What `localStorage` offers; it may throw where the browser forbids storing. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface PreferenceValues {
  readonly name: string;
  readonly devices: Readonly<Record<InputKind | "speaker", string | null>>;
  /** Whether single keys (M, V, S, space) act during a call: WCAG 2.1.4 wants a way to turn them off. */
  readonly shortcuts: boolean;
  /** Whether others may know this browser again in another call. */
  readonly keepIdentity: boolean;
  /** Whether media always goes through a relay, which hides this device's address. */
  readonly alwaysRelay: boolean;
  /** Whether people sign by ML-DSA-87 in calls that are begun here. */
  readonly postQuantumSignatures: boolean;
}

const KEY = "aparte:preferences";
/** Longest name, in UTF-16 code units: enough for any name, too little to fill a tile with. */
export const NAME_LENGTH_MAX = 64;

const DEFAULTS: PreferenceValues = {
  name: "",
  devices: { microphone: null, camera: null, speaker: null },
  shortcuts: true,
  keepIdentity: false,
  alwaysRelay: false,
  postQuantumSignatures: false,
};

/** What a person chose before. It stays in this browser and is never sent to a server. */
export class Preferences implements Readable<PreferenceValues> {
  readonly #storage: TextStorage;
  readonly #store: Store<PreferenceValues>;

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#store = new Store(load(storage));
  }

  readonly get = (): PreferenceValues => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  setName(name: string): void {
    this.#change({ name: name.slice(0, NAME_LENGTH_MAX) });
  }

  setDevice(kind: InputKind | "speaker", deviceId: string | null): void {
    this.#change({ devices: { ...this.#store.get().devices, [kind]: deviceId } });
  }

  setShortcuts(shortcuts: boolean): void {
    this.#change({ shortcuts });
  }

  setKeepIdentity(keepIdentity: boolean): void {
    this.#change({ keepIdentity });
  }

  setAlwaysRelay(alwaysRelay: boolean): void {
    this.#change({ alwaysRelay });
  }

  setPostQuantumSignatures(postQuantumSignatures: boolean): void {
    this.#change({ postQuantumSignatures });
  }

  #change(change: Partial<PreferenceValues>): void {
    this.#store.patch(change);
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#store.get()));
    } catch {
      // A private window or a full disk: the choice then lasts as long as the page.
    }
  }
}

function load(storage: TextStorage): PreferenceValues {
  try {
    return parse(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

/** Takes each field that has the right type: an older or damaged record costs only what is wrong in it. */
function parse(value: unknown): PreferenceValues {
  const record = asRecord(value);
  const devices = asRecord(record["devices"]);
  return {
    name: (asText(record["name"]) ?? "").slice(0, NAME_LENGTH_MAX),
    devices: {
      microphone: asText(devices["microphone"]),
      camera: asText(devices["camera"]),
      speaker: asText(devices["speaker"]),
    },
    shortcuts: record["shortcuts"] !== false,
    keepIdentity: record["keepIdentity"] === true,
    alwaysRelay: record["alwaysRelay"] === true,
    postQuantumSignatures: record["postQuantumSignatures"] === true,
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
