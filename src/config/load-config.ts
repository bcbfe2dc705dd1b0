import { existsSync } from "node:fs";
import type { z } from "zod";
import type { Setting } from "./catalogue.ts";
import { settings } from "./catalogue.ts";
import { conflictsOf } from "./checks.ts";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { type Config, configSchema } from "./schema.ts";
import type { Environment } from "./sources/environment-source.ts";
import { CONFIG_VARIABLE, environmentSource } from "./sources/environment-source.ts";
import { expandPath } from "./sources/expand-path.ts";
import { fileSource } from "./sources/file-source.ts";
import { flagSource } from "./sources/flag-source.ts";
import type { GivenValue, Source } from "./sources/source.ts";

/** Read when it is there and no other file is named. */
const DEFAULT_CONFIG_FILE = "aparte.yaml";

export interface ConfigInput {
  /** The command line behind the command. */
  readonly flags: readonly string[];
  /** The process's own unless given. */
  readonly environment?: Environment;
  /** Where relative paths start; the process's own unless given. */
  readonly workingDirectory?: string;
}

/**
 * Defaults, then the file, then the environment, then flags: what comes later wins, setting by
 * setting. Every value that any of them gives must be valid, also one that another hides. Throws
 * `ConfigError` with everything that is wrong.
 */
export function loadConfig(input: ConfigInput): Config {
  const environment = input.environment ?? process.env;
  const folder = input.workingDirectory ?? process.cwd();
  const flags = flagSource(input.flags);
  const sources: Source[] = [environmentSource(environment), flags];
  const file = namedFile(flags.configFile, environment) ?? defaultFile(folder);
  if (file !== undefined) sources.unshift(fileSource(expandPath(file, folder), file));

  const problems = sources.flatMap((source) => [
    ...source.problems,
    ...source.values.flatMap(problemsOf),
  ]);
  if (problems.length > 0) throw new ConfigError(problems);

  const config = configSchema.parse(merged(sources, folder));
  const conflicts = conflictsOf(config);
  if (conflicts.length > 0) throw new ConfigError(conflicts);
  return config;
}

function namedFile(flag: string | undefined, environment: Environment): string | undefined {
  return flag ?? (environment[CONFIG_VARIABLE] || undefined);
}

function defaultFile(folder: string): string | undefined {
  return existsSync(expandPath(DEFAULT_CONFIG_FILE, folder)) ? DEFAULT_CONFIG_FILE : undefined;
}

/** Each value alone against the whole schema, since every setting has a default or may be left out. */
function problemsOf({ setting, value, origin }: GivenValue): ConfigProblem[] {
  const result = configSchema.safeParse(placed({}, setting, value));
  if (result.success) return [];
  const byPlace = new Map<string, string>();
  for (const issue of result.error.issues) {
    const place = `${origin}${itemOf(setting, issue.path)}`;
    // What else is said of a value of the wrong type is no help.
    if (!byPlace.has(place)) byPlace.set(place, meaningOf(issue));
  }
  return [...byPlace].map(([place, meaning]) => ({
    code: "wrong-value",
    message: `${place}: ${meaning}`,
  }));
}

/** `, item 2` where the problem lies within a list. */
function itemOf(setting: Setting, path: readonly PropertyKey[]): string {
  const item = path[setting.section === undefined ? 1 : 2];
  return typeof item === "number" ? `, item ${item + 1}` : "";
}

/** In words, without the value: it may be a secret in the wrong place. */
function meaningOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `must be ${expectation(issue.expected)}`;
  if (issue.code === "invalid_value")
    return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small") return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === "too_big") return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
  return issue.message;
}

function expectation(expected: string): string {
  if (expected === "int" || expected === "number") return "a whole number";
  if (expected === "array") return "a list";
  if (expected === "boolean") return "true or false";
  return "a text";
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters long";
  return origin === "array" ? " items long" : "";
}

type RawConfig = Record<string, unknown>;

function merged(sources: readonly Source[], folder: string): RawConfig {
  const values = new Map<Setting, unknown>();
  // Defaults that are paths are made absolute like all others; the schema adds the rest.
  for (const setting of settings) {
    const { isPath, defaultValue } = setting;
    if (isPath && defaultValue !== undefined) values.set(setting, defaultValue);
  }
  for (const { setting, value } of sources.flatMap((source) => source.values)) {
    values.set(setting, value);
  }
  const raw: RawConfig = {};
  for (const [setting, value] of values) {
    const isPath = setting.isPath && typeof value === "string";
    placed(raw, setting, isPath ? expandPath(value, folder) : value);
  }
  return raw;
}

/** Puts a value where the schema expects it, and returns `raw`. */
function placed(raw: RawConfig, { section, name }: Setting, value: unknown): RawConfig {
  if (section === undefined) raw[name] = value;
  else raw[section] = { ...Object(raw[section]), [name]: value };
  return raw;
}
