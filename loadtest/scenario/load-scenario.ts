import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document, Node } from "yaml";
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./scenario.ts";
import { ScenarioError } from "./scenario-error.ts";

const READY_MADE = fileURLToPath(new URL("../scenarios/", import.meta.url));
const SUFFIX = ".yaml";

/** Names of the scenarios that come along. */
export function readyMadeScenarios(): string[] {
  return readdirSync(READY_MADE)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => basename(file, SUFFIX));
}

/** A ready-made scenario by its name, or a file by its path. Throws `ScenarioError`. */
export function loadScenario(nameOrPath: string): Scenario {
  const readyMade = join(READY_MADE, `${nameOrPath}${SUFFIX}`);
  const isName = /^[a-z0-9-]+$/.test(nameOrPath);
  const path = isName && existsSync(readyMade) ? readyMade : nameOrPath;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    const names = readyMadeScenarios().join(", ");
    throw new ScenarioError([`${nameOrPath} is neither a file nor one of: ${names}`]);
  }
  return parseScenario(text, basename(path));
}

/** Throws `ScenarioError`, each problem with file, line and column. */
export function parseScenario(text: string, file: string): Scenario {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new ScenarioError(
      document.errors.map(({ pos, message }) => {
        // The library's own message repeats the place in further lines.
        return `${placeOf(pos[0])}: ${message.split("\n")[0] ?? ""}`;
      }),
    );
  }
  const parsed = scenarioSchema.safeParse(contentOf(document, file));
  if (parsed.success) return parsed.data;
  throw new ScenarioError(
    parsed.error.issues.flatMap((issue) => {
      const path = issue.path.filter((key) => typeof key !== "symbol");
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      return keys.map((key) => {
        const place = placeOf(offsetOf(document, key === undefined ? path : [...path, key]));
        const where = [...path, ...(key === undefined ? [] : [key])].join(".");
        const what = key === undefined ? issue.message : "there is no such field";
        return `${place}: ${where === "" ? "" : `${where}: `}${what}`;
      });
    }),
  );
}

/** Throws `ScenarioError` for aliases that lead nowhere, or to more than anybody wrote. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ScenarioError([`${file}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Where the deepest part of `path` stands that the file has; of a pair, its key. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && item.key.value === key,
      );
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else {
      const next: unknown = node !== null && "get" in node ? node.get(key, true) : undefined;
      if (!isNode(next)) break;
      node = next;
      offset = next.range?.[0] ?? offset;
    }
  }
  return offset;
}
