import { inspect } from "node:util";

const REDACTED = "[redacted]";

/**
 * A text that is told only to who asks for it by name. Wherever else it ends up (a log line, JSON,
 * a template, the inspector) it says `[redacted]`.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Hand it straight to what needs it; never keep or write it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
