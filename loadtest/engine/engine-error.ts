import type { EngineErrorCode } from "./media-engine.ts";

/** What an engine answers to a request that it cannot carry out. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string) {
    super(message);
    this.name = "EngineError";
    this.code = code;
  }
}
