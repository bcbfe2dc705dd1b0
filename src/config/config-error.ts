export type ConfigProblemCode =
  /** A key, variable or flag that means nothing here. */
  | "unknown-name"
  /** A value of the wrong type or outside its limits. */
  | "wrong-value"
  /** The same setting twice in one source. */
  | "given-twice"
  /** Settings that can't stand together. */
  | "conflict"
  /** A file that can't be read or isn't YAML. */
  | "bad-file";

/** `message` says where and what is wrong. It never carries the value, which may be a secret. */
export interface ConfigProblem {
  readonly code: ConfigProblemCode;
  readonly message: string;
}

/** All that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  readonly code = "bad-configuration";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
