import type { SignatureScheme } from "./signature-scheme.ts";

/** Ed25519 by WebCrypto (RFC 8032). Private keys are PKCS #8, public keys 32 raw bytes. */
export const ed25519: SignatureScheme = {
  publicKeyBytes: 32,
  async sign(privateKey, message) {
    const key = await importKey("pkcs8", privateKey, "sign");
    const signature = await crypto.subtle.sign("Ed25519", key, new Uint8Array(message));
    return new Uint8Array(signature);
  },
  async verify(publicKey, message, signature) {
    const key = await importKey("raw", publicKey, "verify");
    const [signatureCopy, messageCopy] = [new Uint8Array(signature), new Uint8Array(message)];
    return crypto.subtle.verify("Ed25519", key, signatureCopy, messageCopy);
  },
  async keygen() {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const [publicKey, signKey] = await Promise.all([
      crypto.subtle.exportKey("raw", pair.publicKey),
      crypto.subtle.exportKey("pkcs8", pair.privateKey),
    ]);
    return { publicKey: new Uint8Array(publicKey), signKey: new Uint8Array(signKey) };
  },
};

function importKey(
  format: "pkcs8" | "raw",
  key: Uint8Array,
  usage: "sign" | "verify",
): Promise<CryptoKey> {
  return crypto.subtle.importKey(format, new Uint8Array(key), "Ed25519", false, [usage]);
}
