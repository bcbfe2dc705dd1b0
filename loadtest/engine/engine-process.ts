import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Emitter } from "../../src/lib/emitter.ts";
import { EngineError } from "./engine-error.ts";
import type { PipeMessage } from "./engine-pipe.ts";
import type { EngineCommandName, EngineCommands, EngineEvents } from "./media-engine.ts";
import type { MediaEngine } from "./media-engine.ts";

interface Waiting {
  /** Takes the line with the answer's data. */
  readonly resolve: (line: string) => void;
  readonly reject: (error: EngineError) => void;
}

/** How long the process has for an orderly end. */
const END_MS = 2_000;

const PORTABLE_MAIN = fileURLToPath(new URL("portable-main.ts", import.meta.url));

/** What starts an engine: a program and its arguments. */
export type EngineProgram = readonly [program: string, ...args: string[]];

/**
 * Each packet is garbage soon, so memory is given back often, a little at a time and by the thread
 * that sends: with V8's own choice its helpers kept that one from a core it shares for 20 ms and more.
 */
const SHORT_PAUSES = [
  "--min-semi-space-size=1",
  "--max-semi-space-size=1",
  "--initial-old-space-size=256",
  "--single-threaded-gc",
];

export const PORTABLE_PROGRAM: EngineProgram = [process.execPath, ...SHORT_PAUSES, PORTABLE_MAIN];

/** An engine in a process of its own, so that nothing else delays its packets. */
export class EngineProcess implements MediaEngine {
  readonly events = new Emitter<EngineEvents>();
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #isClosed = false;
  #failure: EngineError | undefined;

  constructor([program, ...args]: EngineProgram = PORTABLE_PROGRAM) {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
    this.#exited = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        this.#onEnd(`the engine ended (${signal ?? code ?? "unknown"})`);
        resolve();
      });
      this.#child.once("error", (error) => {
        this.#onEnd(`the engine could not be started: ${error.message}`);
        resolve();
      });
    });
    // A write after its end; the end itself is told by the other events.
    this.#child.stdin.on("error", () => undefined);
    const lines = createInterface({ input: this.#child.stdout });
    lines.on("line", (line) => {
      this.#onLine(line);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  request<Name extends EngineCommandName>(
    name: Name,
    input: EngineCommands[Name]["input"],
  ): Promise<EngineCommands[Name]["output"]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const answered = (line: string) => {
        const { data }: { data: EngineCommands[Name]["output"] } = JSON.parse(line);
        resolve(data);
      };
      this.#waiting.set(id, { resolve: answered, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, command: name, input })}\n`);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #onLine(line: string): void {
    const message = parse(line);
    if (message === undefined) return;
    if ("event" in message) {
      this.#onEvent(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) {
      waiting?.reject(new EngineError(message.error.code, message.error.message));
    } else waiting?.resolve(line);
  }

  #onEvent(message: Extract<PipeMessage, { event: string }>): void {
    switch (message.event) {
      case "transport:state":
        this.events.emit("transport:state", message.data);
        break;
      case "stream:first-frame":
        this.events.emit("stream:first-frame", message.data);
        break;
      case "engine:failed":
        this.events.emit("engine:failed", message.data);
        break;
    }
  }

  #onEnd(message: string): void {
    this.#failure ??= new EngineError("failed", message);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    if (!this.#isClosed) this.events.emit("engine:failed", { message });
  }
}

/** Undefined for what a library beneath may have written to standard output. */
function parse(line: string): PipeMessage | undefined {
  if (!line.startsWith("{")) return undefined;
  const message: PipeMessage = JSON.parse(line);
  return message;
}
