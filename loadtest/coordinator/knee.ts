import type { Knee, Stage } from "../report/run-result.ts";

/**
 * Where growing stopped to work. A size at which the generator was the limit neither held nor
 * broke: it is left out.
 */
export function kneeOf(stages: readonly Stage[]): Knee {
  const results = stages.filter(({ isResult }) => isResult);
  const broke = results.find(({ broken }) => broken.length > 0);
  const held = results.filter(({ broken }) => broken.length === 0);
  return {
    heldParticipants: Math.max(0, ...held.map(({ participants }) => participants)),
    brokeAtParticipants: broke?.participants ?? null,
    brokeFirst: broke?.broken[0] ?? null,
  };
}
