import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DtlsParameters } from "../../../src/protocol/index.ts";
import { remoteDtlsParameters } from "../../../src/sfu/remote-fingerprint.ts";

type Fingerprint = DtlsParameters["fingerprints"][number];

function hash(algorithm: Fingerprint["algorithm"], bytes: number): Fingerprint {
  return { algorithm, value: Array.from({ length: bytes }, () => "aB").join(":") };
}

describe("remoteDtlsParameters", () => {
  it("keeps the strongest fingerprint, in the upper case that the worker compares with", () => {
    const fingerprints = [hash("sha-1", 20), hash("sha-256", 32), hash("sha-512", 64)];
    const parameters = remoteDtlsParameters({ role: "client", fingerprints });
    assert.equal(parameters.role, "client");
    assert.deepEqual(parameters.fingerprints, [
      { algorithm: "sha-512", value: hash("sha-512", 64).value.toUpperCase() },
    ]);
    assert.equal("role" in remoteDtlsParameters({ fingerprints }), false);
  });

  it("refuses weak hashes and what is no hash of its algorithm", () => {
    const wrong: Fingerprint[][] = [
      [hash("sha-1", 20), hash("sha-224", 28)],
      [hash("sha-256", 31)],
      [hash("sha-256", 64)],
      [{ algorithm: "sha-256", value: "" }],
      [{ algorithm: "sha-256", value: hash("sha-256", 32).value.replaceAll(":", "") }],
      [{ algorithm: "sha-256", value: hash("sha-256", 32).value.replace("aB", "xy") }],
    ];
    for (const fingerprints of wrong) {
      assert.throws(() => remoteDtlsParameters({ fingerprints }), { code: "transport-refused" });
    }
  });
});
