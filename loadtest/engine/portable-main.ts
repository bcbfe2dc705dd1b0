/** The portable engine as a process of its own, over standard input and output. */
import { serveEngine } from "./engine-pipe.ts";
import { PortableEngine } from "./portable-engine.ts";

await serveEngine(new PortableEngine(), process.stdin, process.stdout);
process.exit(0);
