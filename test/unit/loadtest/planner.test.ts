import assert from "node:assert/strict";
import { test } from "node:test";
import { Planner } from "../../../loadtest/coordinator/planner.ts";
import { isWithinShare } from "../../../loadtest/scenario/is-within-share.ts";
import { parseScenario } from "../../../loadtest/scenario/load-scenario.ts";

function plannerOf(text: string): Planner {
  return new Planner(parseScenario(`name: x\n${text}`, "x.yaml"), "http://127.0.0.1:1");
}

test("a share of a room is so many of it at any size, and none or all at the ends", () => {
  for (const percent of [0, 10, 25, 50, 99, 100]) {
    for (const size of [1, 4, 7, 40]) {
      const chosen = Array.from({ length: size }, (_, index) => isWithinShare(index, percent));
      const expected = Math.ceil((size * percent) / 100);
      assert.equal(chosen.filter(Boolean).length, expected, `${percent} % of ${size}`);
    }
  }
});

test("an impairment of all holds for those, too, by whom a room grows", () => {
  const planner = plannerOf(
    "participants: 2\nimpairment: { lossPercent: 1 }\ngrow: { what: participants, by: 2, to: 8 }\n",
  );
  assert.equal(planner.plan(0, 7, 8).impairment?.lossPercent, 1);
});

test("the layer is that of the tiles, of a room that grows when it is full", () => {
  const layerOf = (text: string) => plannerOf(text).plan(0, 0, 8).layer;
  assert.equal(layerOf("participants: 2\n"), 2);
  assert.equal(layerOf("participants: 5\n"), 1);
  assert.equal(layerOf("participants: 6\n"), 0);
  assert.equal(layerOf("participants: 2\ngrow: { what: participants, by: 2, to: 8 }\n"), 0);
});
