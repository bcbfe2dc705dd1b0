import type { IdentityKey } from "../../e2ee/verification/index.ts";

const DATABASE = "aparte-identity";
const STORE = "keys";
const RECORD = "device";

/**
 * The key by which others can know this browser again in another call. It is made when it is first
 * asked for, and kept in IndexedDB of the page's origin. Its private part cannot be read, not even
 * by the page itself: it can only sign. Rejects where the browser stores nothing.
 */
export async function openDeviceIdentity(): Promise<IdentityKey> {
  const database = await openDatabase();
  try {
    const kept = await read(database);
    const pair = kept ?? (await make(database));
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return {
      publicKey,
      sign: async (data) =>
        new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, new Uint8Array(data))),
    };
  } finally {
    database.close();
  }
}

/** Forgets the key for good: who knew this browser by it sees a stranger from now on. */
export async function forgetDeviceIdentity(): Promise<void> {
  await settle(indexedDB.deleteDatabase(DATABASE));
}

/** Two tabs may make one at the same moment: the one that was stored first is everybody's. */
async function make(database: IDBDatabase): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  try {
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    await settle(store.add(pair, RECORD));
    return pair;
  } catch (error) {
    const stored = await read(database);
    if (stored === undefined) throw error;
    return stored;
  }
}

async function read(database: IDBDatabase): Promise<CryptoKeyPair | undefined> {
  const request: IDBRequest<unknown> = database.transaction(STORE).objectStore(STORE).get(RECORD);
  const value = await settle(request);
  return isKeyPair(value) ? value : undefined;
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore(STORE);
  });
  return settle(request);
}

function settle<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => {
      resolve(request.result);
    });
    request.addEventListener("error", () => {
      reject(request.error ?? new DOMException("The browser's storage failed"));
    });
  });
}

function isKeyPair(value: unknown): value is CryptoKeyPair {
  return (
    typeof value === "object" &&
    value !== null &&
    "publicKey" in value &&
    value.publicKey instanceof CryptoKey &&
    "privateKey" in value &&
    value.privateKey instanceof CryptoKey
  );
}
