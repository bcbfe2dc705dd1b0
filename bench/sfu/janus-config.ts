import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where Debian puts them; in between stands the machine's triplet. */
const LIBRARIES = "/usr/lib";
const PLUGIN = "libjanus_videoroom.so";
const TRANSPORT = "libjanus_websockets.so";

/**
 * Writes a configuration into an empty folder: Janus with its VideoRoom alone, on loopback, with no
 * STUN, reached by WebSocket. Everything else is as Janus ships it.
 */
export function writeJanusConfig(folder: string, webSocketPort: number): void {
  const modules = modulesFolder();
  const parts = { plugins: PLUGIN, transports: TRANSPORT, events: undefined, loggers: undefined };
  for (const [name, module] of Object.entries(parts)) {
    mkdirSync(join(folder, name));
    // Janus loads all that lies in these folders, so that ours hold nothing else.
    if (module !== undefined) symlinkSync(join(modules, name, module), join(folder, name, module));
  }
  writeFileSync(join(folder, "janus.jcfg"), core(folder));
  writeFileSync(join(folder, "janus.transport.websockets.jcfg"), webSocket(webSocketPort));
  writeFileSync(join(folder, "janus.plugin.videoroom.jcfg"), "general: { string_ids = true }\n");
}

function modulesFolder(): string {
  const found = readdirSync(LIBRARIES)
    .map((name) => join(LIBRARIES, name, "janus"))
    .find((folder) => existsSync(join(folder, "plugins", PLUGIN)));
  if (found === undefined) throw new Error(`${PLUGIN} is in no folder of ${LIBRARIES}`);
  return found;
}

function core(folder: string): string {
  return `general: {
  configs_folder = "${folder}"
  plugins_folder = "${join(folder, "plugins")}"
  transports_folder = "${join(folder, "transports")}"
  events_folder = "${join(folder, "events")}"
  loggers_folder = "${join(folder, "loggers")}"
  # Warnings and errors.
  debug_level = 3
  debug_colors = false
  # Sessions end with their connection.
  session_timeout = 0
}
nat: {
  ice_lite = true
}
media: { ipv6 = false }
`;
}

function webSocket(port: number): string {
  return `general: {
  json = "compact"
  ws = true
  ws_port = ${port}
  ws_ip = "127.0.0.1"
  wss = false
}
admin: { admin_ws = false, admin_wss = false }
`;
}
