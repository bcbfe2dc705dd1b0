import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, hostname, release, totalmem, type } from "node:os";
import type { Machine } from "./messages.ts";

/** What a report says of the machine that it was made on. */
export function thisMachine(): Machine {
  return {
    host: hostname(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** The version of this checkout. */
export function ownVersion(): string {
  const path = new URL("../../package.json", import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return version;
}
