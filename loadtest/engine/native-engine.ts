import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { IceServer } from "../../src/protocol/index.ts";
import { EngineProcess } from "./engine-process.ts";
import type { EngineProgram } from "./engine-process.ts";
import type { EngineCommandName, EngineCommands, MediaEngine } from "./media-engine.ts";

/** `turn:HOST:PORT?…`, RFC 7065; an IPv6 address stands in brackets. */
const TURN_URL = /^(?<scheme>turns?):(?<host>\[[^\]]+\]|[^:?]+)(?<rest>.*)$/;

/**
 * The native engine (loadtest/native) as a process of its own. It knows addresses, not names, so
 * the names of TURN servers are looked up here.
 */
export class NativeEngine implements MediaEngine {
  readonly #process: EngineProcess;

  /** Of `aparte-load-engine`, which `scripts/setup/load-engine.mjs` finds or compiles. */
  constructor(program: EngineProgram) {
    this.#process = new EngineProcess(program);
  }

  get events(): MediaEngine["events"] {
    return this.#process.events;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async request<Name extends EngineCommandName>(
    name: Name,
    input: EngineCommands[Name]["input"],
  ): Promise<EngineCommands[Name]["output"]> {
    if ("iceServers" in input && input.iceServers !== undefined) {
      const iceServers = await Promise.all(input.iceServers.map(withAddresses));
      return this.#process.request(name, { ...input, iceServers });
    }
    return this.#process.request(name, input);
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

async function withAddresses(server: IceServer): Promise<IceServer> {
  return { ...server, urls: await Promise.all(server.urls.map(withAddress)) };
}

/** The URL with an address for a name; as it is when the name isn't known, so that it is refused. */
async function withAddress(url: string): Promise<string> {
  const { scheme, host, rest } = TURN_URL.exec(url)?.groups ?? {};
  if (scheme === undefined || host === undefined || host.startsWith("[") || isIP(host) !== 0) {
    return url;
  }
  try {
    const { address, family } = await lookup(host);
    return `${scheme}:${family === 6 ? `[${address}]` : address}${rest ?? ""}`;
  } catch {
    return url;
  }
}
