import { readFileSync } from "node:fs";
import type { ConfigProblem } from "../config-error.ts";
import { reasonOf } from "./unreadable.ts";
import { listValue } from "./text-value.ts";

/** The secrets in a file, one a line. */
export function readSecretFile(path: string, origin: string): string[] | ConfigProblem {
  try {
    return listValue(readFileSync(path, "utf8"));
  } catch (error) {
    return { code: "bad-file", message: `${origin}: cannot read its file: ${reasonOf(error)}` };
  }
}
