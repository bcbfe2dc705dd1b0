import { type DestinationStream, destination as openDestination, pino } from "pino";
import { Loggable } from "./loggable.ts";
import { prettyDestination } from "./pretty-destination.ts";
import { scrubText } from "./scrub-text.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

type LogField = string | number | boolean | Loggable | undefined;

/**
 * Privacy by type: a literal text passes, since it stands in the source; a `string` that the
 * program computed or received does not compile, unless a function of loggable.ts took it first.
 * For `string`, and for a template with one in it, `Record` is an index signature, which asks for
 * no property; for a literal it asks for one.
 */
type Literal<Text> = Text extends string
  ? // oxlint-disable-next-line typescript/no-generated-empty-object-type -- it is the probe
    Record<never, never> extends Record<Text, true>
    ? never
    : Text
  : Text;
type Literals<Fields> = { [Name in keyof Fields]: Literal<Fields[Name]> };
export type LogFields = { readonly [name: string]: LogField };

export interface LogMethod {
  <const Message extends string>(message: Literal<Message>): void;
  <const Fields extends LogFields, const Message extends string>(
    fields: Fields & Literals<Fields>,
    message: Literal<Message>,
  ): void;
}

/**
 * `info` is one line for a transition of a lifecycle, `warn` is something an operator may act on,
 * `error` is something broken; `debug` and `trace` obey the same rules about what may be said.
 */
export interface Logger {
  /** A logger that adds `fields` to each line: one for each resource, with its truncated id. */
  child<const Fields extends LogFields>(fields: Fields & Literals<Fields>): Logger;
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `pretty` is for people: one short line each, without colour. */
  readonly format: "json" | "pretty";
  /** Standard error unless given. */
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  // Written at once: what a process says last is what one wants to read after a crash.
  const output = options.destination ?? openDestination({ fd: 2, sync: true });
  return new PinoLogger(
    pino(
      {
        level: options.level,
        // Neither host name nor process id: the operator's log collector knows them.
        base: null,
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      options.format === "pretty" ? prettyDestination(output) : output,
    ),
  );
}

class PinoLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(target: pino.Logger) {
    this.#pino = target;
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino.child(writable(fields)));
  }

  readonly trace: LogMethod = (...line: LogLine) => this.#write("trace", line);
  readonly debug: LogMethod = (...line: LogLine) => this.#write("debug", line);
  readonly info: LogMethod = (...line: LogLine) => this.#write("info", line);
  readonly warn: LogMethod = (...line: LogLine) => this.#write("warn", line);
  readonly error: LogMethod = (...line: LogLine) => this.#write("error", line);
  readonly fatal: LogMethod = (...line: LogLine) => this.#write("fatal", line);

  #write(level: Exclude<LogLevel, "silent">, [first, second]: LogLine): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    if (typeof first === "string") this.#pino[level](scrubText(first));
    else this.#pino[level](writable(first), scrubText(second ?? ""));
  }
}

type LogLine = [message: string] | [fields: LogFields, message: string];

/**
 * What the compiler let through is checked once more, since a cast or a caller without types may
 * have gone round it: objects are refused, texts are scrubbed.
 */
function writable(fields: LogFields): Record<string, string | number | boolean> {
  const result: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Loggable) result[name] = value.toString();
    else if (typeof value === "string") result[name] = scrubText(value);
    else if (typeof value === "number" || typeof value === "boolean") result[name] = value;
    else result[name] = "[redacted]";
  }
  return result;
}

/** Says nothing: for tests, and for parts that are given no logger. */
export const silentLogger: Logger = createLogger({
  level: "silent",
  format: "json",
  destination: { write: () => {} },
});
