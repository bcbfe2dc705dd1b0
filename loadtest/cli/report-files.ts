import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "./arguments.ts";

/** Tries before a run what would be a pity after it. Throws `UsageError`. */
export function assertWritable(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      const isNew = !existsSync(path);
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, "a"));
      if (isNew) rmSync(path);
    } catch (error) {
      throw new UsageError(`${path} can't be written: ${messageOf(error)}`);
    }
  }
}

/** Writes what can be written. What can't is told, and keeps nothing else from being written. */
export function writeReport(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    process.stderr.write(`${path} can't be written: ${messageOf(error)}\n`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
