import { z } from "zod";
import { regionName } from "../../src/protocol/index.ts";
import type { FigureName } from "../statistics/figures.ts";
import { figureNames, isFigure } from "../statistics/figures.ts";

const count = z.int().min(0).max(100_000);
const seconds = z
  .number()
  .min(0)
  .max(7 * 86_400);
const everybodyOr = z.union([z.literal("all"), count]);

const limit = z
  .strictObject({ max: z.number().exactOptional(), min: z.number().exactOptional() })
  .refine(({ max, min }) => max !== undefined || min !== undefined, {
    message: "expected `max`, `min` or both",
  });

/** What happens at a moment of the run, counted from when everybody has joined. */
const step = z.discriminatedUnion("do", [
  /** Kills one media worker of a service that the load test itself has started. */
  z.strictObject({ atS: seconds, do: z.literal("kill-worker") }),
  /** Kills such a service, and starts it anew at the same address. */
  z.strictObject({ atS: seconds, do: z.literal("kill-service") }),
  /** Ends it in order and starts it anew. */
  z.strictObject({ atS: seconds, do: z.literal("restart-service") }),
  /** Breaks the connections to signaling of a share of the participants, who come back. */
  z.strictObject({
    atS: seconds,
    do: z.literal("break-connections"),
    percent: z.number().min(0).max(100).default(100),
  }),
  /** Drops all media packets of a share of the participants for a while. */
  z.strictObject({
    atS: seconds,
    do: z.literal("cut-network"),
    percent: z.number().min(0).max(100).default(100),
    forS: seconds,
  }),
  /**
   * Runs a command of the operator's: that is how a node of a deployment is drained or killed. Only
   * with `--allow-commands`, as scenarios are passed around.
   */
  z.strictObject({
    atS: seconds,
    do: z.literal("run"),
    command: z.string().min(1),
    /** Needed for what the report calls it. */
    name: z.string().min(1).max(60),
  }),
]);
export type ScenarioStep = z.infer<typeof step>;

const scenarioFields = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "expected small letters, digits and hyphens"),
  description: z.string().max(400).default(""),
  rooms: z.int().min(1).max(10_000).default(1),
  /** In each room. */
  participants: z.int().min(1).max(5_000),
  publish: z
    .strictObject({
      microphone: everybodyOr.default("all"),
      camera: everybodyOr.default("all"),
      screen: everybodyOr.default(0),
    })
    .prefault({}),
  /** What each participant looks at. */
  see: z
    .strictObject({
      videos: z.int().min(0).max(100).default(9),
      /** 0 is the smallest. `auto`: by how many are seen. */
      layer: z.union([z.literal("auto"), z.int().min(0).max(2)]).default("auto"),
    })
    .prefault({}),
  /** `all`: at once. */
  joinPerS: z.union([z.literal("all"), z.number().positive().max(1_000)]).default(5),
  /** Steady state, from when everybody has joined. */
  durationS: seconds.default(30),
  /** Who leaves, and is replaced by a newcomer, a minute and room. */
  churnPerMinute: z.number().min(0).max(600).default(0),
  talk: z
    .strictObject({
      /** Who speaks at the same time in a room. */
      speakers: count.default(1),
      spurtS: z.number().positive().max(600).default(4),
    })
    .prefault({}),
  /** `auto`: all frames up to 50 participants, and the rest such that the work stays the same. */
  openShare: z.union([z.literal("auto"), z.number().min(0).max(1)]).default("auto"),
  region: regionName.exactOptional(),
  relay: z.enum(["never", "always"]).default("never"),
  impairment: z
    .strictObject({
      delayMs: z.number().min(0).max(10_000).default(0),
      jitterMs: z.number().min(0).max(10_000).default(0),
      lossPercent: z.number().min(0).max(100).default(0),
      /** Of the participants. */
      percent: z.number().min(0).max(100).default(100),
    })
    .exactOptional(),
  steps: z.array(step).max(100).default([]),
  /** Grows in steps until a threshold breaks: `participants` or `rooms` begin it. */
  grow: z
    .strictObject({
      what: z.enum(["participants", "rooms"]),
      by: z.int().min(1).max(1_000),
      to: z.int().min(1).max(100_000),
      /** How long each size is held and judged. */
      holdS: z.number().positive().max(3_600).default(10),
    })
    .exactOptional(),
  thresholds: z
    .record(z.string(), limit)
    .check((context) => {
      for (const name of Object.keys(context.value)) {
        if (isFigure(name)) continue;
        const message = `there is no figure ${name}; there are: ${figureNames().join(", ")}`;
        context.issues.push({ code: "custom", message, path: [name], input: context.value });
      }
    })
    .default({}),
});

/** A load: docs/load-testing.md has each field in words. */
export const scenarioSchema = scenarioFields
  .refine(({ grow, steps }) => grow === undefined || steps.length === 0, {
    path: ["steps"],
    message: "a run that grows has no steps: its sizes would differ by them",
  })
  .check(({ value, issues }) => {
    if (value.grow !== undefined) return;
    for (const [index, { atS }] of value.steps.entries()) {
      if (atS < value.durationS) continue;
      const message = `the run is over after ${value.durationS} s, so this would never happen`;
      issues.push({ code: "custom", message, path: ["steps", index, "atS"], input: atS });
    }
  });
export type Scenario = z.infer<typeof scenarioSchema>;

export interface Threshold {
  readonly figure: FigureName;
  readonly max?: number;
  readonly min?: number;
}

export function thresholdsOf({ thresholds }: Scenario): Threshold[] {
  return Object.entries(thresholds).flatMap(([figure, bounds]) =>
    isFigure(figure) ? [{ figure, ...bounds }] : [],
  );
}
