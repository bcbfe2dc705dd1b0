import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromBase64Url, toBase64Url } from "../../../src/lib/base64url.ts";

test("any bytes come back as they were, encoded as Node does it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64Url(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64url"));
      assert.deepEqual(fromBase64Url(text), bytes);
    }),
  );
});

test("there is one encoding for each bytes, and no other is taken", () => {
  for (const text of ["A", "AB", "AA=", "AA==", "A+", "A/", "AA\n", "é", "AAAAA"]) {
    assert.equal(fromBase64Url(text), undefined, text);
  }
  assert.deepEqual(fromBase64Url("AA"), Uint8Array.of(0));
  assert.deepEqual(fromBase64Url(""), new Uint8Array(0));
});
