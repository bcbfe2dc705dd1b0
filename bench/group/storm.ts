import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";
import { percentile } from "../support/percentile.ts";
import { Crowd, newcomer, timed } from "./crowd.ts";

export interface StormResult {
  readonly epochs: number;
  readonly seconds: number;
  readonly leaveEpochs: number;
  readonly leaveSeconds: number;
}

const FOLLOWERS_OF_EACH = 4;
const STAYING = 50;

/**
 * `size` people open the link at the same moment; later all but some leave at the same moment.
 * Cryptography is real; each person's is done by a device of their own, so that the time is that of
 * the longest way: the window, a commit, and the slowest newcomer's Welcome before the next window
 * opens. The wire is left out.
 */
export async function measureStorm(size: number): Promise<StormResult> {
  const { joinWindowMs } = DEFAULT_SIGNALING_OPTIONS;
  const [keyPackageMs] = await timed(() => newcomer());
  const crowd = await Crowd.found();
  const admissions = await crowd.growTo(size, FOLLOWERS_OF_EACH);
  crowd.assertAgreement();
  let totalMs = keyPackageMs;
  for (const { commitMs, processMs, welcomeMs } of admissions) {
    totalMs += joinWindowMs + commitMs + percentile([...processMs, ...welcomeMs], 100);
  }
  const leaving = await crowd.emptyTo(STAYING);
  crowd.assertAgreement();
  const leaveMs = joinWindowMs + leaving.commitMs + percentile(leaving.processMs, 100);
  return {
    epochs: admissions.length,
    seconds: round(totalMs / 1_000),
    leaveEpochs: 1,
    leaveSeconds: round(leaveMs / 1_000),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
