/** A key encapsulation mechanism as HPKE asks for it (RFC 9180 section 4). */
export interface Kem {
  /** Its number in HPKE's registry. */
  readonly id: number;
  /** Whether one can encapsulate to the key. */
  readonly isPublicKey: (key: Uint8Array) => boolean;
  readonly deriveKeyPair: (inputKey: Uint8Array) => Promise<KeyPair>;
  /** The private half of it, where that costs less. */
  readonly derivePrivateKey: (inputKey: Uint8Array) => Promise<Uint8Array>;
  /** Throws when it refuses the public key. */
  readonly encapsulate: (publicKey: Uint8Array) => Promise<Encapsulated>;
  /** Throws when the ciphertext has a wrong length. */
  readonly decapsulate: (privateKey: Uint8Array, ciphertext: Uint8Array) => Promise<Uint8Array>;
}

export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface Encapsulated {
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}
