import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { EngineError } from "./engine-error.ts";
import type { EngineCommandName, EngineCommands, EngineErrorCode } from "./media-engine.ts";
import type { EngineEvents, MediaEngine } from "./media-engine.ts";

/** What an engine is asked over a pipe. Inputs come from the parent process alone. */
interface PipeRequest<Name extends EngineCommandName = EngineCommandName> {
  readonly id: number;
  readonly command: Name;
  readonly input: EngineCommands[Name]["input"];
}

/** What comes back: of one version with who asked, so it has the type that its name says. */
export type PipeMessage =
  | { readonly id: number; readonly data: unknown }
  | { readonly id: number; readonly error: PipeError }
  | PipeEvent;

export interface PipeError {
  readonly code: EngineErrorCode;
  readonly message: string;
}

type PipeEvent = {
  [Name in keyof EngineEvents]: { readonly event: Name; readonly data: EngineEvents[Name] };
}[keyof EngineEvents];

const EVENTS = ["transport:state", "stream:first-frame", "engine:failed"] as const;

/** Lets a parent process use `engine`, until it closes `input`. */
export async function serveEngine(
  engine: MediaEngine,
  input: Readable,
  output: Writable,
): Promise<void> {
  const write = (message: unknown) => output.write(`${JSON.stringify(message)}\n`);
  for (const event of EVENTS) {
    engine.events.on(event, (data) => {
      write({ event, data });
    });
  }
  for await (const line of createInterface({ input })) {
    const { id, command, input: given }: PipeRequest = JSON.parse(line);
    engine.request(command, given).then(
      (data) => write({ id, data }),
      (error: unknown) => write({ id, error: described(error) }),
    );
  }
  await engine.close();
}

function described(error: unknown): PipeError {
  if (error instanceof EngineError) return { code: error.code, message: error.message };
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}
