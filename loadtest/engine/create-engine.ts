import { loadEngineStep } from "../../scripts/setup/load-engine.mjs";
import type { EngineChoice } from "../link/messages.ts";
import { EngineProcess } from "./engine-process.ts";
import type { MediaEngine } from "./media-engine.ts";
import { NativeEngine } from "./native-engine.ts";

/** The chosen engine, started. Rejects when it isn't there. */
export async function createEngine(choice: EngineChoice): Promise<MediaEngine> {
  if (choice === "portable") return new EngineProcess();
  const found = await loadEngineStep.find({ node: process.execPath });
  if (found?.loadEngine !== undefined) return new NativeEngine([found.loadEngine]);
  if (choice === "auto") return new EngineProcess();
  throw new Error(
    "the native engine isn't built on this machine: `node scripts/with-setup.mjs load-engine` does it",
  );
}
