import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes that are really in use. */
export async function collectedHeapBytes(): Promise<number> {
  collectGarbage();
  await nextTurn();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
