import { setImmediate } from "node:timers/promises";
import { EdgeChoice } from "../../../../src/client/edge/edge-choice.ts";
import type { ReachRelay } from "../../../../src/client/edge/reach-relay.ts";
import type { RegionReach } from "../../../../src/client/edge/region-order.ts";
import type { EdgeRegion } from "../../../../src/protocol/index.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

export function region(name: string): EdgeRegion {
  return { region: name, iceServers: [{ urls: [`turn:${name}.test`] }] };
}

/** Regions that answer after a time of their own, or not at all, by a clock that tests move. */
export class EdgeWorld {
  readonly clock = new ManualClock();
  /** How long a relay takes there; a region that is not named never answers. */
  readonly reachMs = new Map<string, number>();
  /** Each time that a region was asked. */
  readonly asked: string[] = [];
  readonly known = new Map<string, RegionReach>();
  readonly choice: EdgeChoice;

  constructor(reachMs: Readonly<Record<string, number>>) {
    for (const [name, ms] of Object.entries(reachMs)) this.reachMs.set(name, ms);
    this.choice = this.anotherChoice();
  }

  /** Of a later call in the same page. */
  anotherChoice(): EdgeChoice {
    return new EdgeChoice({ reach: this.#reach, clock: this.clock, known: this.known });
  }

  get regions(): EdgeRegion[] {
    return [...this.reachMs.keys()].map(region);
  }

  /** Lets time pass in small steps, with all that follows from each. */
  async pass(durationMs: number, stepMs = STEP_MS): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
      this.clock.advance(stepMs);
      await setImmediate();
    }
  }

  readonly #reach: ReachRelay = ({ region: name }, { withinMs, signal }) => {
    this.asked.push(name);
    const ms = this.reachMs.get(name) ?? Infinity;
    return new Promise((resolve) => {
      const cancel = this.clock.after(Math.min(ms, withinMs), () => {
        resolve(ms <= withinMs ? ms : undefined);
      });
      signal.addEventListener("abort", () => {
        cancel();
        resolve(undefined);
      });
    });
  };
}

const STEP_MS = 10;
