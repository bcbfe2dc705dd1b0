import type { FrameCipher } from "./frame-cipher.ts";

/** A cipher whose key is still being imported, or is there: then nobody needs to wait for it. */
export class LazyCipher {
  readonly promise: Promise<FrameCipher>;
  #ready: FrameCipher | undefined;
  #isWiped = false;

  constructor(promise: Promise<FrameCipher>) {
    this.promise = promise;
    promise.then(
      (cipher) => {
        if (this.#isWiped) cipher.wipe();
        this.#ready = cipher;
      },
      // Who awaits the promise is told. A cipher that could not be made holds no key.
      () => {},
    );
  }

  /** The cipher, once it is there. */
  get ready(): FrameCipher | undefined {
    return this.#ready;
  }

  /** Wipes the cipher now, or as soon as it is there. */
  wipe(): void {
    this.#isWiped = true;
    this.#ready?.wipe();
  }
}
