import type { DestinationStream } from "pino";

/** Turns each JSON line into `12:34:56 info  message  name=value …`. */
export function prettyDestination(output: DestinationStream): DestinationStream {
  return {
    write(line) {
      output.write(prettyLine(line));
    },
  };
}

function prettyLine(line: string): string {
  const { time, level, msg, ...fields }: Record<string, unknown> = JSON.parse(line);
  const clock = String(time).slice(11, 19);
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  return `${[clock, String(level).padEnd(5), String(msg), ...rest].join("  ")}\n`;
}

function fieldText(value: unknown): string {
  const text = String(value);
  return /\s/.test(text) ? JSON.stringify(text) : text;
}
