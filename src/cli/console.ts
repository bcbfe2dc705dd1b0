/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** Something broke, or the service could not start. */
  failed: 1,
  /** The command line or the configuration is not understood. */
  misused: 2,
} as const;

// A reader that has gone, as after `| head`, is no reason to fail.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

/** What is meant for people. On terminals, pipes and files it is written when this returns. */
export function say(text: string): void {
  process.stdout.write(text);
}

export function sayError(text: string): void {
  process.stderr.write(text);
}
