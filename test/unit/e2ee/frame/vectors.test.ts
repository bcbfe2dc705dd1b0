import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { CipherSuite } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { CIPHER_SUITES } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { createFrameCipher } from "../../../../src/e2ee/frame/frame-cipher.ts";
import { FrameError } from "../../../../src/e2ee/frame/frame-error.ts";
import { decodeHeader, encodeHeader } from "../../../../src/e2ee/frame/header.ts";
import {
  deriveFrameSecrets,
  keyLabel,
  nonceOf,
  saltLabel,
} from "../../../../src/e2ee/frame/key-schedule.ts";
import { openSFrame, sealSFrame } from "../../../../src/e2ee/frame/sframe.ts";

interface HeaderVector {
  kid: string;
  ctr: string;
  encoded: string;
}

interface AeadVector {
  cipher_suite: number;
  key: string;
  nonce: string;
  aad: string;
  pt: string;
  ct: string;
}

interface SFrameVector {
  cipher_suite: number;
  kid: string;
  ctr: string;
  base_key: string;
  sframe_key_label: string;
  sframe_salt_label: string;
  sframe_key: string;
  sframe_salt: string;
  metadata: string;
  nonce: string;
  aad: string;
  pt: string;
  ct: string;
}

interface Vectors {
  header: HeaderVector[];
  aes_ctr_hmac: AeadVector[];
  sframe: SFrameVector[];
}

const OWN_FIXTURE = new URL("../../../vectors/sframe.json", import.meta.url);
/** The RFC's whole file, which some checkouts have beside them. */
const WHOLE_FILE = new URL("../../../../../shared/vectors/sframe-rfc9605.json", import.meta.url);

checkVectors("the project's fixture", readVectors(OWN_FIXTURE));
if (existsSync(WHOLE_FILE)) checkVectors("the RFC's whole file", readVectors(WHOLE_FILE));

test("the project's fixture covers each suite and each length of each header field", () => {
  const { header, sframe } = readVectors(OWN_FIXTURE);
  const lengths = header.map((vector) => hexToBytes(vector.encoded)[0] ?? 0);
  const fieldLengths = (shift: number) =>
    new Set(
      lengths.map((byte) => byte >> shift).map((bits) => ((bits & 8) === 0 ? 0 : (bits & 7) + 1)),
    );
  assert.equal(fieldLengths(4).size, 9);
  assert.equal(fieldLengths(0).size, 9);
  assert.deepEqual(new Set(lengths.map(totalBytes)).size, 17);
  assert.deepEqual(
    sframe.map((vector) => vector.cipher_suite),
    [1, 2, 3, 4, 5],
  );
});

function checkVectors(name: string, vectors: Vectors): void {
  test(`headers of ${name}`, () => {
    assert.ok(vectors.header.length > 30);
    for (const { kid, ctr, encoded } of vectors.header) {
      assert.equal(bytesToHex(encodeHeader(BigInt(kid), BigInt(ctr))), encoded);
      assert.deepEqual(decodeHeader(hexToBytes(encoded)), {
        keyId: BigInt(kid),
        counter: BigInt(ctr),
        byteLength: encoded.length / 2,
      });
    }
  });

  for (const vector of vectors.aes_ctr_hmac) {
    test(`AEAD of suite ${vector.cipher_suite} of ${name}`, () => {
      const suite = suiteOf(vector.cipher_suite);
      const [key, nonce, aad, pt, ct] = [
        vector.key,
        vector.nonce,
        vector.aad,
        vector.pt,
        vector.ct,
      ].map(hexToBytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      assert.equal(bytesToHex(suite.seal(key, nonce, aad, pt)), vector.ct);
      assert.equal(bytesToHex(suite.open(key, nonce, aad, ct)), vector.pt);
    });
  }

  for (const vector of vectors.sframe) {
    test(`suite ${vector.cipher_suite} of ${name}`, async () => {
      await checkSFrame(vector);
    });
  }
}

async function checkSFrame(vector: SFrameVector): Promise<void> {
  const suite = suiteOf(vector.cipher_suite);
  const keyId = BigInt(vector.kid);
  const counter = BigInt(vector.ctr);
  const baseKey = hexToBytes(vector.base_key);
  const metadata = hexToBytes(vector.metadata);
  const secrets = deriveFrameSecrets(suite, keyId, baseKey);
  assert.equal(bytesToHex(keyLabel(keyId, suite)), vector.sframe_key_label);
  assert.equal(bytesToHex(saltLabel(keyId, suite)), vector.sframe_salt_label);
  assert.equal(bytesToHex(secrets.key), vector.sframe_key);
  assert.equal(bytesToHex(secrets.salt), vector.sframe_salt);
  assert.equal(bytesToHex(nonceOf(secrets.salt, counter)), vector.nonce);

  const plaintext = hexToBytes(vector.pt);
  const sealed = sealSFrame(suite, secrets, { keyId, counter, metadata, plaintext });
  assert.equal(bytesToHex(sealed), vector.ct);
  const opened = openSFrame(suite, () => secrets, { metadata, bytes: hexToBytes(vector.ct) });
  assert.equal(bytesToHex(opened.plaintext), vector.pt);

  // The path that media takes must give the same bytes.
  const cipher = await createFrameCipher(suite, keyId, baseKey);
  const header = encodeHeader(keyId, counter);
  const aad = Uint8Array.from([...header, ...metadata]);
  const media = new Uint8Array(await cipher.seal(Number(counter), aad, Uint8Array.from(plaintext)));
  assert.equal(bytesToHex(header) + bytesToHex(media), vector.ct);
  assert.equal(bytesToHex(aad), vector.aad);
}

function suiteOf(id: number): CipherSuite {
  const suite = Object.values(CIPHER_SUITES).find((candidate) => candidate.id === id);
  if (suite === undefined) throw new FrameError("bad-argument", `there is no suite ${id}`);
  return suite;
}

function totalBytes(configuration: number): number {
  const field = (bits: number) => ((bits & 8) === 0 ? 0 : (bits & 7) + 1);
  return 1 + field(configuration >> 4) + field(configuration & 0xf);
}

/** Numbers of 64 bits would lose digits in `JSON.parse`, so they are made strings before. */
function readVectors(file: URL): Vectors {
  const text = readFileSync(file, "utf8").replace(/("(?:kid|ctr)": )(\d+)/g, '$1"$2"');
  return JSON.parse(text) as Vectors;
}
