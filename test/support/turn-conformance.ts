import type { TurnEngineName } from "../../src/turn/turn-options.ts";
import { turnEngineNames } from "../../src/turn/turn-options.ts";
import { allocateRows } from "./turn-conformance/allocate-rows.ts";
import { bindingRows, otherRows } from "./turn-conformance/binding-rows.ts";
import { channelRows } from "./turn-conformance/channel-rows.ts";
import { dataRows } from "./turn-conformance/data-rows.ts";
import { permissionRows } from "./turn-conformance/permission-rows.ts";
import { refreshRows } from "./turn-conformance/refresh-rows.ts";
import type { ConformanceRow, Outcome } from "./turn-conformance/row.ts";

export const conformanceRows: readonly ConformanceRow[] = [
  ...bindingRows,
  ...allocateRows,
  ...refreshRows,
  ...permissionRows,
  ...channelRows,
  ...dataRows,
  ...otherRows,
];

export function outcomeFor(row: ConformanceRow, engine: TurnEngineName): Outcome {
  return typeof row.outcome === "string" ? row.outcome : row.outcome[engine];
}

/** The rows as docs/turn.md shows them. */
export function conformanceTable(): string {
  const head = ["request", "when", ...turnEngineNames, "note"];
  const body = conformanceRows.map((row) => [
    row.request,
    row.when,
    ...turnEngineNames.map((engine) => outcomeFor(row, engine)),
    row.note ?? "",
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const rule = line(
    head.map(() => ""),
    "-",
  );
  return [line(head), rule, ...body.map((cells) => line(cells))].join("\n");
}
