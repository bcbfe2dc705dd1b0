/** The entry of the thread in which node-turn runs. */
import { serveThread } from "../engine/serve-thread.ts";
import { TurnServer } from "../engine/turn-server.ts";
import { FencedCore } from "./fenced-core.ts";

await serveThread((parts) => new TurnServer(parts, (each) => new FencedCore(each)));
