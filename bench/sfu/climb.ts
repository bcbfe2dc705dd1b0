import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { isSound } from "./comparison.ts";
import type { OfferedLoad } from "./offered-load.ts";
import type { Round } from "./round.ts";
import { measureRound } from "./round.ts";
import type { TestedServer } from "./tested-server.ts";

export interface Step {
  readonly consumers: number;
  readonly round: Round;
  readonly isCarried: boolean;
}

/** What a core of a server carries. */
export interface Capacity {
  /** The most consumers without loss and in time; 0 when not even the first step was. */
  readonly consumers: number;
  /** Of that step. */
  readonly packetsPerS: number;
  readonly latencyP99Ms: number;
  /** What came first: the server, the generator, or the end of the climb. */
  readonly limit: "server" | "generator" | "none";
}

/** The issue of a call in which nobody notices the server. */
export const ADDED_LATENCY_P99_MS = 20;
/** A step may be bad by chance, so it gets further ones. */
const ATTEMPTS = 3;

export interface ClimbOptions {
  readonly server: TestedServer;
  readonly engine: MediaEngine;
  readonly load: OfferedLoad;
  readonly seconds: number;
  /** Each step has so many times the viewers of the one before. */
  readonly growth: number;
  readonly maxConsumers: number;
  /** Of the system's clock: no step is begun after that. */
  readonly deadlineMs: number;
  readonly onStep: (step: Step) => void;
}

/** Adds viewers until a step isn't carried in any of its attempts. */
export async function climb(options: ClimbOptions): Promise<Capacity> {
  const { load, deadlineMs } = options;
  const carried: Step[] = [];
  for (;;) {
    const step = await attempt(options);
    if (!step.isCarried) return capacityOf(carried, step);
    carried.push(step);
    const more = viewersToAdd(load, options);
    if (more === 0 || Date.now() > deadlineMs) return capacityOf(carried, undefined);
    for (let added = 0; added < more; added += 1) {
      // A step that is not complete measures nothing.
      if (Date.now() > deadlineMs) return capacityOf(carried, undefined);
      await load.addViewer();
    }
  }
}

function viewersToAdd(load: OfferedLoad, { growth, maxConsumers }: ClimbOptions): number {
  const wanted = Math.min(maxConsumers, load.consumers * growth);
  return Math.ceil((wanted - load.consumers) / load.publishers);
}

async function attempt(options: ClimbOptions): Promise<Step> {
  let step = await measureStep(options);
  const mayGoOn = () => !step.isCarried && Date.now() < options.deadlineMs;
  for (let again = 1; again < ATTEMPTS && mayGoOn(); again += 1) {
    step = await measureStep(options);
  }
  return step;
}

async function measureStep({ server, engine, load, seconds, onStep }: ClimbOptions): Promise<Step> {
  const round = await measureRound(server, engine, seconds);
  const step = { consumers: load.consumers, round, isCarried: isCarried(round) };
  onStep(step);
  return step;
}

export function isCarried(round: Round): boolean {
  return (
    round.forwardedPackets > 0 &&
    round.lostPackets === 0 &&
    round.framesRefused === 0 &&
    round.latencyP99Ms < ADDED_LATENCY_P99_MS
  );
}

export function capacityOf(carried: readonly Step[], failed: Step | undefined): Capacity {
  const best = carried.at(-1);
  return {
    consumers: best?.consumers ?? 0,
    packetsPerS: best?.round.packetsPerS ?? 0,
    latencyP99Ms: best?.round.latencyP99Ms ?? Number.NaN,
    limit: failed === undefined ? "none" : isSound(failed.round) ? "server" : "generator",
  };
}
