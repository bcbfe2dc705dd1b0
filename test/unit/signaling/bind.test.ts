import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClientRequestName } from "../../../src/protocol/index.ts";
import {
  CLIENT_REQUEST_NAMES,
  clientRequests,
  ProtocolError,
} from "../../../src/protocol/index.ts";
import type { Caller, Handlers } from "../../../src/signaling/bind.ts";
import { bindRequests } from "../../../src/signaling/bind.ts";
import { validSample } from "../../support/protocol-samples.ts";

/** Handlers that all answer with a sample, but for those that are given. */
function dispatcher(given: Partial<Handlers<string>>) {
  const samples = CLIENT_REQUEST_NAMES.map((name) => [
    name,
    () => validSample(clientRequests[name].output),
  ]);
  return bindRequests<string>({
    ...(Object.fromEntries(samples) as Handlers<string>),
    ...given,
  });
}

function caller(admit: () => void = () => {}) {
  const answered: [string, string][] = [];
  const errors: unknown[] = [];
  const value: Caller<string> = {
    context: "context",
    admit,
    answered: (name, code, error) => {
      answered.push([name, code]);
      if (error !== undefined) errors.push(error);
    },
  };
  return { value, answered, errors };
}

describe("bindRequests", () => {
  test("answers every request of the protocol", () => {
    const dispatch = dispatcher({});
    for (const name of CLIENT_REQUEST_NAMES) {
      const { value, answered } = caller();
      let answer: unknown;
      dispatch(value, [
        name,
        validSample(clientRequests[name].input),
        (got: unknown) => {
          answer = got;
        },
      ]);
      assert.deepEqual(answered, [[name, "ok"]]);
      assert.deepEqual(answer, { ok: true, data: validSample(clientRequests[name].output) }, name);
    }
  });

  test("answers at once what is known at once", () => {
    const order: string[] = [];
    const dispatch = dispatcher({
      "room:leave": () => {
        order.push("handled");
        return {};
      },
    });
    dispatch(caller().value, ["room:leave", {}, () => order.push("answered")]);
    assert.deepEqual(order, ["handled", "answered"]);
  });

  test("tells nothing of an unexpected error but that it happened", async () => {
    for (const failing of [
      () => {
        throw new Error("secret");
      },
      () => Promise.reject(new Error("secret")),
      // An answer that the protocol does not know is the server's own mistake.
      () => Promise.resolve(JSON.parse('{"more":"secret"}') as Record<string, never>),
    ]) {
      const { value, answered, errors } = caller();
      const { promise, resolve } = Promise.withResolvers<unknown>();
      dispatcher({ "room:leave": failing })(value, ["room:leave", {}, resolve]);
      const answer = JSON.stringify(await promise);
      assert.match(answer, /"code":"internal"/);
      assert.doesNotMatch(answer, /secret/);
      assert.deepEqual(answered, [["room:leave", "internal"]]);
      assert.ok(errors[0] instanceof Error && !(errors[0] instanceof ProtocolError));
    }
  });

  test("looks at nothing before the caller is admitted", () => {
    const { value, answered } = caller(() => {
      throw new ProtocolError("rate-limited");
    });
    let answer: unknown;
    dispatcher({})(value, ["room:leave", 7, (got: unknown) => (answer = got)]);
    assert.ok(typeof answer === "object" && answer !== null && "code" in answer);
    assert.equal(answer.code, "rate-limited");
    assert.deepEqual(answered, [["room:leave", "rate-limited"]]);
  });

  const events: [unknown[], ClientRequestName | "unknown", string][] = [
    [[], "unknown", "bad-request"],
    [["nothing"], "unknown", "bad-request"],
    [["nothing", {}, () => {}], "unknown", "unknown-request"],
    [[5, {}, () => {}], "unknown", "unknown-request"],
    [["__proto__", {}, () => {}], "unknown", "unknown-request"],
    [["room:leave", {}], "room:leave", "bad-request"],
    [["room:leave", () => {}], "room:leave", "bad-request"],
    [["room:leave", {}, {}, () => {}], "room:leave", "bad-request"],
  ];
  for (const [event, name, code] of events) {
    test(`counts ${event.length} parts that begin with ${String(event[0])} as ${code}`, () => {
      const { value, answered } = caller();
      dispatcher({
        "room:leave": () => {
          throw new Error("must not be called");
        },
      })(value, event);
      assert.deepEqual(answered, [[name, code]]);
    });
  }
});
