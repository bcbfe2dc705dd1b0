import { parseArgs } from "node:util";
import { z } from "zod";
import type { Scenario } from "../scenario/scenario.ts";
import type { EngineChoice } from "../link/messages.ts";

/** Something that the person at the keyboard has to put right. */
export class UsageError extends Error {
  readonly code = "usage";
}

export interface RunArguments {
  readonly scenario: string;
  readonly url: string | undefined;
  readonly link: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly engine: EngineChoice;
  readonly agents: number | undefined;
  readonly remoteAgents: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly token: string | undefined;
  readonly browsers: number;
  readonly workers: number | undefined;
  readonly seal: boolean;
  readonly json: string | undefined;
  readonly junit: string | undefined;
  readonly html: string | undefined;
  readonly allowCommands: boolean;
  readonly despiteSaturation: boolean;
  readonly overrides: Partial<Pick<Scenario, "rooms" | "participants" | "durationS">>;
}

export type Arguments =
  | { readonly command: "help" }
  | { readonly command: "list" }
  | { readonly command: "run"; readonly run: RunArguments }
  | {
      readonly command: "agent";
      readonly host: string;
      readonly port: number;
      readonly token: string;
    }
  | { readonly command: "compare"; readonly before: string; readonly after: string };

const OPTIONS = {
  url: { type: "string" },
  link: { type: "string" },
  metrics: { type: "string" },
  engine: { type: "string", default: "auto" },
  agents: { type: "string" },
  "remote-agents": { type: "string", default: "0" },
  listen: { type: "string", default: "127.0.0.1:0" },
  token: { type: "string" },
  browsers: { type: "string", default: "0" },
  workers: { type: "string" },
  "no-seal": { type: "boolean", default: false },
  json: { type: "string" },
  junit: { type: "string" },
  html: { type: "string" },
  "allow-commands": { type: "boolean", default: false },
  "despite-saturation": { type: "boolean", default: false },
  rooms: { type: "string" },
  participants: { type: "string" },
  duration: { type: "string" },
  compare: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** A slip of the keyboard should not start a million. */
const MOST_PROCESSES = 1_000;

const ENGINES = z.enum(["auto", "portable", "native"]);

/** Throws `UsageError`. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const [first, ...others] = positionals;
  if (values.help) return { command: "help" };
  if (values.compare || first === "compare") {
    const files = values.compare ? positionals : others;
    const [before, after, ...more] = files;
    if (before === undefined || after === undefined || more.length > 0) {
      throw new UsageError("--compare takes two files that --json has written");
    }
    return { command: "compare", before, after };
  }
  if (first === "agent") return agentArguments(others, values.token);
  if (first === undefined) return { command: "list" };
  if (others.length > 0)
    throw new UsageError(`one scenario at a time, not also ${others.join(" ")}`);
  if (values.url !== undefined && values.link !== undefined) {
    throw new UsageError("--url makes rooms of its own and --link uses one: give either");
  }
  const engine = ENGINES.safeParse(values.engine);
  if (!engine.success) throw new UsageError("--engine is auto, portable or native");
  return {
    command: "run",
    run: {
      scenario: first,
      url: values.url === undefined ? undefined : webAddress("--url", values.url),
      link: values.link === undefined ? undefined : webAddress("--link", values.link),
      metricsUrl:
        values.metrics === undefined ? undefined : webAddress("--metrics", values.metrics),
      engine: engine.data,
      agents: count("--agents", values.agents, MOST_PROCESSES),
      remoteAgents: count("--remote-agents", values["remote-agents"], MOST_PROCESSES) ?? 0,
      listen: address("--listen", values.listen),
      token: tokenOf(values.token),
      browsers: count("--browsers", values.browsers, MOST_PROCESSES) ?? 0,
      workers: count("--workers", values.workers),
      seal: !values["no-seal"],
      json: values.json,
      junit: values.junit,
      html: values.html,
      allowCommands: values["allow-commands"],
      despiteSaturation: values["despite-saturation"],
      overrides: {
        ...numbered("rooms", count("--rooms", values.rooms)),
        ...numbered("participants", count("--participants", values.participants)),
        ...numbered("durationS", count("--duration", values.duration)),
      },
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function agentArguments(others: readonly string[], token: string | undefined): Arguments {
  const [where, ...more] = others;
  if (where === undefined || more.length > 0 || token === undefined || token === "") {
    throw new UsageError("agent takes the coordinator's host:port and --token");
  }
  return { command: "agent", ...address("agent", where), token };
}

function numbered<Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Record<Name, number>> {
  const made: Partial<Record<Name, number>> = {};
  if (value !== undefined) made[name] = value;
  return made;
}

function count(
  name: string,
  text: string | undefined,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`${name} takes a whole number, not ${text}`);
  if (Number(text) > most) throw new UsageError(`${name} is at most ${most}`);
  return Number(text);
}

function tokenOf(text: string | undefined): string | undefined {
  if (text === "") throw new UsageError("--token is empty, and a key must not be");
  return text;
}

function address(name: string, text: string): { host: string; port: number } {
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`${name} takes host:port, not ${text}`);
  }
  return { host, port: Number(port) };
}

function webAddress(name: string, text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${name} takes an address with http: or https:`);
  }
  return text;
}
