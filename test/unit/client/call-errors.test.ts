import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { CALL_ERRORS, CallError } from "../../../src/client/call-error.ts";
import { ClosedError } from "../../../src/lib/closed-error.ts";
import { ProtocolError } from "../../../src/protocol/index.ts";

describe("errors of the SDK", () => {
  it("are explained in docs/errors.md, each once, and no other", async () => {
    const page = await readFile(new URL("../../../docs/errors.md", import.meta.url), "utf8");
    const [, ownPart = ""] = page.split("# Raised by the SDK");
    const explained = [...ownPart.matchAll(/^\| `([\w-]+)` /gm)].map(([, code]) => code ?? "");
    assert.deepEqual(explained.toSorted(), Object.keys(CALL_ERRORS).toSorted());
  });

  it("keep the code of a refusal, and its text", () => {
    const error = CallError.from(new ProtocolError("room-full", "8"));
    assert.equal(error.code, "room-full");
    assert.match(error.message, /8/);
  });

  it("name what is closed, and what nobody expected", () => {
    assert.equal(CallError.from(new ClosedError("call", "left")).code, "closed");
    const cause = new TypeError("boom");
    const error = CallError.from(cause);
    assert.equal(error.code, "internal");
    assert.equal(error.cause, cause);
  });
});
