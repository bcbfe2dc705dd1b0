import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import {
  describeIssue,
  ERROR_CODES,
  ERRORS,
  isErrorCode,
  LIMITS,
  parseAnswer,
  parseClientRequest,
  parseClientRequestAnswer,
  parseNotification,
  parseServerRequest,
  parseServerRequestAnswer,
  ProtocolError,
  refusal,
} from "../../../src/protocol/index.ts";
import { refusedWith } from "../../support/signaling-harness.ts";

const schema = z.strictObject({ count: z.int() });

describe("an answer", () => {
  test("gives its data", () => {
    assert.deepEqual(parseAnswer(schema, { ok: true, data: { count: 1 } }), { count: 1 });
  });

  test("of each refusal is thrown as what it was, with the server's words", () => {
    for (const code of ERROR_CODES) {
      const answer = refusal(new ProtocolError(code, "detail"));
      assert.throws(
        () => parseAnswer(schema, answer),
        (error) =>
          refusedWith(code)(error) &&
          error instanceof Error &&
          error.message === `${ERRORS[code]} (detail)`,
      );
    }
  });

  const broken: unknown[] = [
    undefined,
    null,
    {},
    [],
    { ok: true },
    { ok: true, data: { count: "1" } },
    { ok: true, data: { count: 1, more: 1 } },
    { ok: true, data: { count: 1 }, more: 1 },
    { ok: false, code: "made-up", message: "" },
    { ok: false, code: "toString", message: "" },
    { ok: false, code: "internal" },
    { ok: false, code: "internal", message: "x".repeat(LIMITS.errorCharacters + 1) },
  ];
  for (const answer of broken) {
    test(`that is ${JSON.stringify(answer)?.slice(0, 60)} is refused`, () => {
      assert.throws(() => parseAnswer(schema, answer), refusedWith("bad-answer"));
    });
  }
});

describe("a refusal", () => {
  test("says nothing of what was not meant for the client", () => {
    for (const error of [new Error("secret"), "secret", { code: "secret" }, undefined]) {
      assert.deepEqual(refusal(error), { ok: false, code: "internal", message: ERRORS.internal });
    }
  });

  test("is short enough to be taken", () => {
    const long = refusal(new ProtocolError("bad-request", "x".repeat(10_000)));
    assert.throws(() => parseAnswer(schema, long), refusedWith("bad-request"));
  });
});

test("an issue is described by its place, never by a value", () => {
  const nested = z.strictObject({ list: z.array(schema) });
  const parsed = nested.safeParse({ list: [{ count: 1 }, { count: "secret" }] });
  assert.ok(!parsed.success);
  const text = describeIssue(parsed.error);
  assert.match(text, /^list\.1\.count: /);
  assert.doesNotMatch(text, /secret/);
});

test("only what stands in the table is a code", () => {
  assert.equal(isErrorCode("internal"), true);
  for (const text of ["constructor", "__proto__", "", "Internal"]) {
    assert.equal(isErrorCode(text), false);
  }
});

test("everything is parsed by its name", () => {
  const participantId = "sen718ucpIednGdpa3uOUQ";
  assert.deepEqual(parseClientRequest("room:leave", {}), {});
  assert.throws(() => parseClientRequest("room:leave", { a: 1 }), refusedWith("bad-request"));
  assert.deepEqual(parseClientRequestAnswer("room:leave", { ok: true, data: {} }), {});
  assert.deepEqual(parseServerRequest("group:provide-info", {}), {});
  assert.throws(() => parseServerRequest("group:provide-info", 7), refusedWith("bad-request"));
  const data = { epoch: 1, groupInfo: Uint8Array.of(1) };
  assert.deepEqual(parseServerRequestAnswer("group:provide-info", { ok: true, data }), data);
  const left = { participantId, reason: "left" };
  assert.deepEqual(parseNotification("participant:left", left), left);
  assert.throws(
    () => parseNotification("participant:left", { participantId, reason: "bored" }),
    refusedWith("bad-answer"),
  );
});
