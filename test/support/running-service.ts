import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** With all cores taken by others, starting alone has been seen to take half a minute. */
const WAIT_MS = 60_000;

/** Free ports, so that tests run beside each other and beside a service in use. */
const DEFAULTS = {
  "--http-port": "0",
  "--admin-port": "0",
  "--sfu-port": "0",
  "--turn-port": "0",
  "--sfu-workers": "1",
  "--log-format": "json",
};

export interface ServiceOptions {
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** One line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/**
 * `aparte serve` as a real process on free ports, with a small page of its own unless the flags
 * name another one.
 */
export class RunningService {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #folder: string;
  #stdout = "";
  #ended = false;
  #stderr = "";

  /** Starts the process and doesn't wait for it. */
  static spawn(options: ServiceOptions = {}): RunningService {
    return new RunningService(options);
  }

  /** Resolves when it is ready; fails with what it said when it isn't. */
  static async start(options: ServiceOptions = {}): Promise<RunningService> {
    const service = new RunningService(options);
    try {
      await service.said("ready");
    } catch (error) {
      // Left alone it would keep the test's process from ending.
      service.process.kill("SIGKILL");
      throw error;
    }
    return service;
  }

  constructor({ flags = [], environment = {}, nodeFlags = [] }: ServiceOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), "aparte-service-"));
    const page = join(this.#folder, "page");
    mkdirSync(join(page, "assets"), { recursive: true });
    writeFileSync(join(page, "index.html"), "<!doctype html><title>Aparté</title>");
    writeFileSync(join(page, "assets", "index-abc123.js"), "export {};\n");
    // A flag that the test gives takes the place of ours.
    const defaults = Object.entries({ ...DEFAULTS, "--http-page-directory": page })
      .filter(([name]) => !flags.includes(name))
      .flat();
    const args = [...nodeFlags, MAIN, "serve", ...defaults, ...flags];
    this.process = spawn(process.execPath, args, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...inherited(), ...environment },
    });
    this.process.stdout.setEncoding("utf8");
    this.process.stdout.on("data", (text: string) => (this.#stdout += text));
    this.process.stderr.setEncoding("utf8");
    this.process.stderr.on("data", (text: string) => (this.#stderr += text));
    this.exit = new Promise((resolve) => {
      this.process.once("close", (code, signal) => {
        this.#ended = true;
        rmSync(this.#folder, { recursive: true, force: true });
        resolve({ code, signal });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get log(): LogLine[] {
    return this.#stderr
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line): LogLine => JSON.parse(line));
  }

  /** The address of the page and of signaling, by 127.0.0.1 rather than by name. */
  get origin(): string {
    return String(this.#ready.http).replace("//localhost:", "//127.0.0.1:");
  }

  get adminOrigin(): string {
    return String(this.#ready.admin);
  }

  /** Resolves with the first log line of this message; fails when the process ends before. */
  async said(message: string): Promise<LogLine> {
    const look = () => this.log.find((line) => line.msg === message);
    return this.#poll(look, `"${message}"`, () => this.#ended);
  }

  /** Asks again and again until `look` finds something. */
  async until<Found>(look: () => Found | undefined, what: string): Promise<Found> {
    return this.#poll(look, what, () => false);
  }

  /**
   * All strings of the process's JavaScript heap. Needs `--heapsnapshot-signal=SIGUSR2` among the
   * flags of Node.
   */
  async heapStrings(): Promise<string[]> {
    this.process.kill("SIGUSR2");
    const path = await this.until(
      () => readdirSync(this.#folder).find((name) => name.endsWith(".heapsnapshot")),
      "heap snapshot",
    );
    // It is written bit by bit, and ends with the list of strings.
    const read = () => {
      const text = readFileSync(join(this.#folder, path), "utf8");
      return text.trimEnd().endsWith("]}") ? text : undefined;
    };
    const snapshot: unknown = JSON.parse(await this.until(read, "whole heap snapshot"));
    const strings: unknown = Reflect.get(Object(snapshot), "strings");
    return Array.isArray(strings) ? strings.map(String) : assert.fail("no strings");
  }

  /** In order; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode === null) this.process.kill("SIGTERM");
    return (await this.exit).code;
  }

  async #poll<Found>(
    look: () => Found | undefined,
    what: string,
    isHopeless: () => boolean,
  ): Promise<Found> {
    const endsAtMs = Date.now() + WAIT_MS;
    while (Date.now() < endsAtMs) {
      const hopeless = isHopeless();
      const found = look();
      if (found !== undefined) return found;
      if (hopeless) break;
      await delay(20);
    }
    return assert.fail(`no ${what}; the service said:\n${this.#stdout}${this.#stderr}`);
  }

  get #ready(): LogLine {
    const line = this.log.find(({ msg }) => msg === "ready");
    return line ?? assert.fail("the service is not ready");
  }
}

/** Nothing that configures the service but the worker, which the machine provides. */
function inherited(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("APARTE_"));
  return Object.fromEntries(entries);
}
