import { sha256 } from "@noble/hashes/sha2.js";
import { DhkemX25519HkdfSha256 } from "@hpke/core";
import type { CipherSuite } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { assembleSuite } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { ed25519 } from "../../../../src/e2ee/group/mls/ed25519.ts";
import type { Kem, KeyPair } from "../../../../src/e2ee/group/mls/kem.ts";

const dhkem = new DhkemX25519HkdfSha256();

async function deriveKeyPair(inputKey: Uint8Array): Promise<KeyPair> {
  const pair = await dhkem.deriveKeyPair(new Uint8Array(inputKey));
  return {
    privateKey: new Uint8Array(await dhkem.serializePrivateKey(pair.privateKey)),
    publicKey: new Uint8Array(await dhkem.serializePublicKey(pair.publicKey)),
  };
}

/** DHKEM(X25519, HKDF-SHA256) of RFC 9180, by another implementation. */
const x25519Kem: Kem = {
  id: 0x20,
  isPublicKey: (key) => key.length === 32,
  deriveKeyPair,
  derivePrivateKey: async (inputKey) => (await deriveKeyPair(inputKey)).privateKey,
  async encapsulate(publicKey) {
    const recipientPublicKey = await dhkem.deserializePublicKey(new Uint8Array(publicKey));
    const { enc, sharedSecret } = await dhkem.encap({ recipientPublicKey });
    return { ciphertext: new Uint8Array(enc), sharedSecret: new Uint8Array(sharedSecret) };
  },
  async decapsulate(privateKey, ciphertext) {
    const recipientKey = await dhkem.deserializePrivateKey(new Uint8Array(privateKey));
    const enc = new Uint8Array(ciphertext);
    return new Uint8Array(await dhkem.decap({ recipientKey, enc }));
  },
};

/**
 * The suite that every MLS implementation has (RFC 9420 section 17.1): no link asks for it. With it our
 * trees, paths and commits are held to what others make of the standard's own suite.
 */
export const CLASSICAL_SUITE: CipherSuite = assembleSuite({
  name: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  kem: x25519Kem,
  hash: sha256,
  hashName: "SHA-256",
  kdfId: 1,
  aeadId: 1,
  keyBytes: 16,
  signature: ed25519,
  maxMembers: 1_024,
});
