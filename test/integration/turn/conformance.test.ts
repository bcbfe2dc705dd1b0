import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { turnEngineNames } from "../../../src/turn/turn-options.ts";
import type { ConformanceRow } from "../../support/turn-conformance/row.ts";
import { conformanceRows, outcomeFor } from "../../support/turn-conformance.ts";
import { EngineLab } from "../../support/turn-engines.ts";

for (const engine of turnEngineNames) {
  describe(engine, () => {
    let shared: EngineLab;
    const faults: string[] = [];
    before(async () => {
      shared = await EngineLab.start(engine);
      shared.engine.events.on("engine:fault", ({ reason }) => faults.push(reason));
    });
    after(async () => {
      await shared.close();
      assert.deepEqual(faults, [], "no packet was too much for the engine");
      assert.equal(shared.engine.stats().restarts, 0);
    });

    for (const [index, row] of conformanceRows.entries()) {
      test(`${row.request}, ${row.when}: ${outcomeFor(row, engine)}`, async (t) => {
        const lab =
          row.options === undefined ? shared : await EngineLab.open(t, engine, row.options);
        assert.equal(await outcomeOf(row, lab, `row-${index}`), outcomeFor(row, engine));
      });
    }
  });
}

async function outcomeOf(row: ConformanceRow, lab: EngineLab, id: string): Promise<string> {
  const answer = await row.ask(lab, await lab.client(id));
  if (typeof answer === "string") return answer;
  return answer.ok ? "success" : String(answer.code);
}
