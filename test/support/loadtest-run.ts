import assert from "node:assert/strict";
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RunResult } from "../../loadtest/report/run-result.ts";

const MAIN = fileURLToPath(new URL("../../loadtest/cli/main.ts", import.meta.url));
const WAIT_MS = 180_000;

/** `npm run loadtest` as a process of its own, whose report is read when it has ended. */
export class LoadtestRun {
  readonly exit: Promise<number | null>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #folder = mkdtempSync(join(tmpdir(), "aparte-loadtest-"));
  #said = "";

  constructor(args: readonly string[], kinds: readonly string[] = ["json", "junit", "html"]) {
    const reports = kinds.flatMap((name) => [`--${name}`, this.#path(name)]);
    this.#process = spawn(process.execPath, [MAIN, ...args, ...reports], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => (this.#said += text));
    }
    this.exit = new Promise((resolve) => {
      this.#process.once("close", resolve);
    });
  }

  /** What it wrote to the terminal. */
  get said(): string {
    return this.#said;
  }

  get result(): RunResult {
    return JSON.parse(this.report("json"));
  }

  /** One of the files that it wrote. */
  report(name: "json" | "junit" | "html"): string {
    return readFileSync(this.#path(name), "utf8");
  }

  /** Resolves when it has said something that fits. */
  async until(pattern: RegExp): Promise<void> {
    const endsAtMs = performance.now() + WAIT_MS;
    while (!pattern.test(this.#said)) {
      if (performance.now() > endsAtMs)
        assert.fail(`never said ${String(pattern)}:\n${this.#said}`);
      await delay(50);
    }
  }

  interrupt(): void {
    this.#process.kill("SIGINT");
  }

  /** Ends it in order, so that what it has started ends too. */
  async close(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.exit;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#folder, `report.${name}`);
  }
}
