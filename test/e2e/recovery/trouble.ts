import { z } from "zod";
import { STAGES } from "../../support/comeback-recorder.ts";

/** What a call has to come back from. */
export const TROUBLES = [
  "serviceRestart",
  "signalingCut",
  "reload",
  "networkChange",
  "offline30",
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** A line of the scenario's. */
export const troubleResult = z.strictObject({
  trouble: z.enum(TROUBLES),
  backMs: z.number(),
  gapMs: z.number(),
  connectedMs: z.number(),
  stages: z.partialRecord(z.enum(STAGES), z.number()),
});
export type TroubleResult = z.infer<typeof troubleResult>;
