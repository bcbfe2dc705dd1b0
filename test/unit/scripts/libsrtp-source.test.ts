import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { poolOf } from "../../../scripts/worker/libsrtp.mjs";

describe("where libsrtp's source lies", () => {
  it("is beside the package that apt would download", () => {
    const printed =
      "'http://mirror.example/debian/pool/main/libs/libsrtp2/libsrtp2-dev_2.5.0-3_amd64.deb' " +
      "libsrtp2-dev_2.5.0-3_amd64.deb 56900 SHA256:913dc0";
    assert.equal(poolOf(printed), "http://mirror.example/debian/pool/main/libs/libsrtp2/");
  });

  it("is found below apt's own remarks", () => {
    const printed = "W: a remark\n'https://m.example/pool/x/libsrtp2-dev_2.5.0-3_arm64.deb' a 1 b";
    assert.equal(poolOf(printed), "https://m.example/pool/x/");
  });

  it("is unknown where apt says nothing of the kind", () => {
    assert.throws(() => poolOf("E: Unable to locate package libsrtp2-dev"), /doesn't say/);
  });
});
