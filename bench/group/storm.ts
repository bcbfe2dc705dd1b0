import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";
import { percentile } from "../support/percentile.ts";
import { Crowd, newcomerTo, timed } from "./crowd.ts";
import { StormWorkers } from "./storm-workers.ts";

export interface StormResult {
  readonly epochs: number;
  readonly seconds: number;
  readonly leaveSeconds: number;
  /** Who entered and followed to the end, the founder included. */
  readonly members: number;
  /** What each of the members took, in milliseconds: to enter, and for each commit after that. */
  readonly welcomeMs: readonly number[];
  readonly processMs: readonly number[];
}

const COMMITTERS_OF_EACH = 4;
const STAYING = 50;

/**
 * `size` people open the link at the same moment; later all but some leave at the same moment.
 * Everybody's cryptography is real: each enters by their Welcome, follows every commit to the end, and
 * must arrive at the last epoch; `members` tells of how many that was seen in the
 * time that is left. As each has a device of their own, the time is that of the longest
 * way: the window, a commit, and the slowest member before the next window opens. The wire is left out.
 */
export async function measureStorm(size: number, timeLeftMs: () => number): Promise<StormResult> {
  const { joinWindowMs } = DEFAULT_SIGNALING_OPTIONS;
  const invitation = createInvitation();
  const [keyPackageMs] = await timed(() => newcomerTo(invitation));
  const workers = new StormWorkers(invitation);
  try {
    const crowd = await Crowd.found(invitation);
    const admissions = await crowd.growTo(size, COMMITTERS_OF_EACH, (count) =>
      workers.newcomers(count),
    );
    crowd.assertAgreement();
    const commits = admissions.map(({ commit }) => commit);
    const welcomes = admissions.map(({ welcome }) => welcome);
    const { epochTag } = crowd.followers[0] ?? {};
    const members = await workers.follow(commits, welcomes, timeLeftMs());
    for (const { tag } of members) {
      if (tag !== epochTag) throw new Error("a member stands at another epoch");
    }
    let totalMs = keyPackageMs;
    for (const [index, admission] of admissions.entries()) {
      // What it takes until the epoch is everybody's, those included who come by it.
      const stepsMs = members.flatMap(({ stepMs, batch }) => stepMs[index - batch] ?? []);
      const here = [...admission.processMs, ...admission.welcomeMs];
      totalMs += joinWindowMs + admission.commitMs + percentile([...stepsMs, ...here], 99);
    }
    const seen = crowd.followers.length + members.length;
    const leaving = await crowd.emptyTo(STAYING);
    crowd.assertAgreement();
    const leaveMs = joinWindowMs + leaving.commitMs + percentile(leaving.processMs, 100);
    return {
      epochs: admissions.length,
      members: seen,
      seconds: seconds(totalMs),
      leaveSeconds: seconds(leaveMs),
      welcomeMs: [
        ...admissions.flatMap((admission) => admission.welcomeMs),
        ...members.flatMap(({ stepMs }) => stepMs.slice(0, 1)),
      ],
      processMs: [
        ...admissions.flatMap((admission) => admission.processMs),
        ...members.flatMap(({ stepMs }) => stepMs.slice(1)),
      ],
    };
  } finally {
    await workers.close();
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}
