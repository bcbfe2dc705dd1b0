import type { Config } from "../config/index.ts";
import { silentLogger } from "../observability/index.ts";
import { createServer } from "./create-server.ts";

/** Starts everything as configured and closes it again. Rejects with `StartError` as a start would. */
export async function rehearseStart(config: Config): Promise<void> {
  const server = await createServer({ config, logger: silentLogger });
  await server.close("rehearsed");
}
