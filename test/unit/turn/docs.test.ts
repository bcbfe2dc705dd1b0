import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defaultTurnLimits } from "../../../src/turn/turn-options.ts";
import { TurnCounters } from "../../../src/turn/turn-stats.ts";
import { conformanceTable } from "../../support/turn-conformance.ts";

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

test("docs/turn.md has the conformance table that the engines are held to", () => {
  assert.ok(page.includes(conformanceTable()), `mend it with:\n${conformanceTable()}`);
});
