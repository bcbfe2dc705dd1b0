import type { types } from "mediasoup-client";
import { detectDeviceAsync, Device } from "mediasoup-client";
import { Chrome111 } from "mediasoup-client/handlers/Chrome111";
import { Firefox120 } from "mediasoup-client/handlers/Firefox120";
import { Safari12 } from "mediasoup-client/handlers/Safari12";
import { CallError } from "../call-error.ts";
import { withProbationAtOnce } from "./probation.ts";

/** Those of the browsers that can seal frames. */
const HANDLERS: ReadonlyMap<string, () => types.HandlerFactory> = new Map([
  ["Chrome111", () => Chrome111.createFactory({})],
  ["Firefox120", () => Firefox120.createFactory({})],
  ["Safari12", () => Safari12.createFactory({})],
]);

/** Rejects with `CallError` (`unsupported`) in a browser that is none of those. */
export async function createBrowserDevice(): Promise<types.Device> {
  const createFactory = HANDLERS.get((await detectDeviceAsync()) ?? "");
  if (createFactory === undefined) throw new CallError("unsupported");
  return new Device({ handlerFactory: withProbationAtOnce(createFactory()) });
}
