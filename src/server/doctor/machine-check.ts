import { readFileSync } from "node:fs";
import type { Config } from "../../config/index.ts";
import { mediasoupVersion } from "../../sfu/index.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";

/** What the relay asks the kernel for: bursts of video must fit. */
const socketBufferBytes = 4 * 1024 * 1024;
/** From which version on Node runs TypeScript as it is. */
const nodeMajor = 22;
const nodeMinor = 18;

/** Where figures of the system are read; a test has files of its own there. */
export interface MachineFiles {
  /** Linux's /proc. */
  readonly procFolder: string;
}

/** Versions and limits of this machine, against what is configured. */
export function checkMachine(
  config: Config,
  { procFolder }: MachineFiles = { procFolder: "/proc" },
): Finding[] {
  return [
    checkNode(process.versions.node),
    ok("worker-version", `Media is carried by mediasoup ${mediasoupVersion}.`),
    checkBuffers(procFolder),
    checkOpenFiles(procFolder, config),
    skipped("redis", "Redis is not needed: one instance keeps its rooms itself."),
  ];
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > nodeMajor || (major === nodeMajor && minor >= nodeMinor)) {
    return ok("node-version", `Node.js is ${version}.`);
  }
  return failed(
    "node-version",
    `Node.js ${version} is too old.`,
    `Install Node.js ${nodeMajor}.${nodeMinor} or newer; \`npm start\` brings one by itself.`,
  );
}

function checkBuffers(procFolder: string): Finding {
  const names = ["rmem_max", "wmem_max"] as const;
  const sizes = names.map((name) => readNumber(`${procFolder}/sys/net/core/${name}`));
  const known = sizes.filter((size) => size !== undefined);
  if (known.length < names.length) {
    return skipped("kernel-buffers", "This system does not tell how large socket buffers may be.");
  }
  const smallest = Math.min(...known);
  if (smallest >= socketBufferBytes) {
    return ok("kernel-buffers", `Socket buffers may have ${inKib(smallest)}.`);
  }
  return warning(
    "kernel-buffers",
    `Socket buffers may have no more than ${inKib(smallest)}, so bursts of video get lost on a busy machine.`,
    `Run \`sysctl -w net.core.rmem_max=${socketBufferBytes} net.core.wmem_max=${socketBufferBytes}\`, and keep it in /etc/sysctl.d.`,
  );
}

/** Each connection is a file, and so is each relayed address. */
function checkOpenFiles(procFolder: string, { http, roles, turn }: Config): Finding {
  const limit = openFilesLimit(`${procFolder}/self/limits`);
  if (limit === undefined) {
    return skipped("open-files", "This system does not tell how many files may be open.");
  }
  const needed =
    (roles.includes("signaling") ? http.maxConnections : 0) +
    (roles.includes("turn") ? turn.connections + turn.allocations : 0);
  if (limit > needed)
    return ok("open-files", `${limit} files may be open, and ${needed} are needed.`);
  return warning(
    "open-files",
    `${limit} files may be open, but the configuration allows ${needed} connections and relays.`,
    `Raise LimitNOFILE of the unit, or \`ulimit -n\`, above ${needed}; or lower http.maxConnections.`,
  );
}

function openFilesLimit(path: string): number | undefined {
  const [, limit] = /^Max open files +(\d+|unlimited)/m.exec(readText(path) ?? "") ?? [];
  if (limit === undefined) return undefined;
  return limit === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(limit);
}

function readNumber(path: string): number | undefined {
  const text = readText(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function inKib(bytes: number): string {
  return `${Math.floor(bytes / 1_024).toLocaleString("en")} KiB`;
}
