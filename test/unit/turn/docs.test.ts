import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defaultTurnLimits } from "../../../src/turn/turn-options.ts";
import { TurnCounters } from "../../../src/turn/turn-stats.ts";

const page = readFileSync(new URL("../../../docs/turn.md", import.meta.url), "utf8");

test("docs/turn.md names every limit and every counter", () => {
  const groups = Object.values(new TurnCounters().snapshot());
  const names = [
    ...Object.keys(defaultTurnLimits),
    ...groups.flatMap((group) => Object.keys(group)),
  ];
  const missing = names.filter((name) => !page.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});
