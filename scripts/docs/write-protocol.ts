/**
 * Writes the generated parts of docs/protocol.md anew: `node scripts/docs/write-protocol.ts`, and
 * `npx oxfmt docs/protocol.md` after it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fillMarkers, protocolTables } from "./protocol-tables.ts";

const path = new URL("../../docs/protocol.md", import.meta.url);
await writeFile(path, fillMarkers(await readFile(path, "utf8"), protocolTables()));
