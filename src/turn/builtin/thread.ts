/** The entry of the builtin engine's thread. */
import { TurnCore } from "../core/turn-core.ts";
import { serveThread } from "../engine/serve-thread.ts";
import { TurnServer } from "../engine/turn-server.ts";

await serveThread((parts) => new TurnServer(parts, (each) => new TurnCore(each)));
