import type { Aead } from "ts-mls/crypto/aead.js";

/** AES-GCM by WebCrypto, keys of 16 or 32 bytes, 12-byte nonce, 16-byte tag at the end (RFC 5116 section 5.2). */
export const aesGcm: Aead = {
  async encrypt(key, nonce, associatedData, plaintext) {
    const secret = await importKey(key, "encrypt");
    const sealed = await crypto.subtle.encrypt(
      parameters(nonce, associatedData),
      secret,
      new Uint8Array(plaintext),
    );
    return new Uint8Array(sealed);
  },
  async decrypt(key, nonce, associatedData, ciphertext) {
    const secret = await importKey(key, "decrypt");
    const opened = await crypto.subtle.decrypt(
      parameters(nonce, associatedData),
      secret,
      new Uint8Array(ciphertext),
    );
    return new Uint8Array(opened);
  },
};

function importKey(key: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [usage]);
}

function parameters(nonce: Uint8Array, associatedData: Uint8Array): AesGcmParams {
  return {
    name: "AES-GCM",
    iv: new Uint8Array(nonce),
    additionalData: new Uint8Array(associatedData),
  };
}
