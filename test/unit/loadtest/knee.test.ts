import assert from "node:assert/strict";
import { test } from "node:test";
import { busiestOf, kneeOf } from "../../../loadtest/coordinator/knee.ts";
import { kneeText } from "../../../loadtest/report/growth-text.ts";
import { SAMPLE } from "../../support/load-sample.ts";

const HELD = { figures: {}, broken: [], isResult: true, busiest: null } as const;
const LOST = {
  figure: "lossPercent",
  limit: "≤ 0.5",
  value: 3,
  passed: false,
  excess: 5,
} as const;

test("the knee lies between what held and what broke", () => {
  const busiest = { name: "worker 0", cores: 0.97 };
  const late = { ...LOST, figure: "joinP95Ms", excess: 1 } as const;
  const knee = kneeOf([
    { participants: 8, ...HELD },
    { participants: 16, ...HELD },
    { participants: 24, ...HELD, broken: [LOST, late], busiest },
  ]);
  const expected = { heldParticipants: 16, brokeAtParticipants: 24, brokeFirst: LOST, busiest };
  assert.deepEqual(knee, expected);
  assert.equal(
    kneeText(knee, { isResult: true, reasons: [] }),
    "The knee lies between 16 and 24 participants; what broke first: lossPercent (3 %, limit ≤ 0.5), " +
      "with worker 0 at 97 % of a core.",
  );
});

test("a size at which the generator was the limit is no knee of the server", () => {
  const knee = kneeOf([
    { participants: 8, ...HELD },
    { participants: 16, ...HELD, broken: [LOST], isResult: false },
  ]);
  assert.deepEqual(knee, {
    heldParticipants: 8,
    brokeAtParticipants: null,
    brokeFirst: null,
    busiest: null,
  });
  const text = kneeText(knee, { isResult: false, reasons: ["it sent late"] });
  assert.match(text, /Held up to 8 participants; then the generator was the limit/);
});

test("the busiest process of the server is the one with most of a core on average", () => {
  const second = (serverCores: number, one: number, two: number) => ({
    ...SAMPLE,
    serverCores,
    workers: [
      { name: "0", cores: one, memoryMb: 20 },
      { name: "1", cores: two, memoryMb: 20 },
    ],
  });
  assert.deepEqual(busiestOf([second(0.25, 1, 0.5), second(0.75, 0, 0.75)]), {
    name: "worker 1",
    cores: 0.625,
  });
  assert.equal(busiestOf([{ ...SAMPLE, serverCores: null, workers: [] }]), null);
});
