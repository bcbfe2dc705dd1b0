/**
 * How many participants a generator of load carries on one core before it delays packets itself:
 * `npm run bench:generator` prints a table, with `--json` the figures on one line.
 *
 * Each participant sends sound and a picture in three sizes and receives ten streams, all sealed
 * frame by frame. On the other side stands a second native engine instead of an SFU, which would be
 * the limit: it takes what is sent and sends what is received, sealed once for each ten participants
 * as in a room of ten. Each has a core for itself.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { OPEN_ALL_UP_TO } from "../../loadtest/coordinator/planner.ts";
import { PORTABLE_PROGRAM } from "../../loadtest/engine/engine-process.ts";
import type { EngineProgram } from "../../loadtest/engine/engine-process.ts";
import { nativeProgram } from "../../test/support/engine-lab.ts";
import { climb } from "./climb.ts";
import { STREAMS_RECEIVED } from "./pairs.ts";
import { isSound } from "./step.ts";
import type { Step } from "./step.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    engine: { type: "string", default: "both" },
    seconds: { type: "string", default: "4" },
    "open-share": { type: "string", default: "auto" },
    profile: { type: "string", default: "AEAD_AES_128_GCM" },
    "native-step": { type: "string", default: "40" },
    "portable-step": { type: "string", default: "5" },
    max: { type: "string", default: "320" },
    /** For each engine. */
    minutes: { type: "string", default: "2.5" },
  },
});
const profiles = ["AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80"] as const;
const srtpProfile = profiles.find((name) => name === values.profile);
if (srtpProfile === undefined) throw new Error(`--profile is one of ${profiles.join(", ")}`);
const profile = srtpProfile;
/** What the native engine is meant to carry. */
const goal = 200;

/** The portable engine's is what a load test calls a result (docs/load-testing.md). */
const p99LimitsMs = { native: 5, portable: 15 } as const;

const cores = availableParallelism();
const native = values.engine === "portable" ? [] : await run("native", nativeProgram());
const portable = values.engine === "native" ? [] : await run("portable", PORTABLE_PROGRAM);

const atGoal = native.find(({ participants }) => participants === goal) ?? lastSound(native);
print(
  JSON.stringify({
    bench: "generator",
    figures: {
      nativeParticipantsPerCore: lastSound(native)?.participants ?? 0,
      nativeP99Ms: rounded(atGoal?.p99Ms ?? Number.NaN),
      nativeP99AtParticipants: atGoal?.participants ?? 0,
      nativeCpuUsPerPacket: rounded(atGoal?.cpuUsPerPacket ?? Number.NaN),
      portableParticipantsPerCore: lastSound(portable)?.participants ?? 0,
      portableP99Ms: rounded(lastSound(portable)?.p99Ms ?? Number.NaN),
    },
    sink: "a second native engine on another core, not an SFU",
    srtpProfile: profile,
    streamsReceived: STREAMS_RECEIVED,
    p99LimitsMs,
    openShare: values["open-share"],
    cores,
    native,
    portable,
  }),
);

async function run(name: "native" | "portable", program: EngineProgram): Promise<Step[]> {
  if (!values.json) {
    print(
      `\n${name}: one core for it, one for the sink, ${profile}, sound up to ${p99LimitsMs[name]} ms at p99`,
    );
    print(
      cells([
        "people",
        "p99 ms",
        "latency ms",
        "CPU %",
        "µs/packet",
        "packets/s",
        "Mbit/s",
        "wait %",
        "MB",
        "opened %",
      ]),
    );
  }
  return climb({
    generator: onCore(cores - 1, program),
    sink: onCore(Math.max(0, cores - 2), nativeProgram()),
    srtpProfile: profile,
    hasOneThread: name === "native",
    p99LimitMs: p99LimitsMs[name],
    openShareOf:
      values["open-share"] === "auto" ? automaticShare : () => Number(values["open-share"]),
    longestMs: Number(values.minutes) * 60_000,
    participantsPerStep: Number(values[`${name}-step`]),
    maxParticipants: Number(values.max),
    secondsPerStep: Number(values.seconds),
    onStep: values.json ? () => undefined : printStep,
  });
}

/**
 * Pinned, so that "on one core" is what it says, and before all else that the core has to do, where
 * we may: what is asked is what a core carries, not what others leave of it. An engine of several
 * threads must not be given real time, in which each of them has the core for a tenth of a second.
 */
function onCore(core: number, program: EngineProgram): EngineProgram {
  const first = program === PORTABLE_PROGRAM ? ["nice", "-n", "-15"] : ["chrt", "-r", "5"];
  const priority = process.getuid?.() === 0 ? first : [];
  return ["taskset", "-c", String(core), ...priority, ...program];
}

/** As a load test has it that isn't told otherwise (`openShare` in docs/load-testing.md). */
function automaticShare(participants: number): number {
  return Math.min(1, OPEN_ALL_UP_TO / participants);
}

/** The largest before the first two in a row that aren't sound. */
function lastSound(steps: readonly Step[]): Step | undefined {
  return steps.findLast(isSound);
}

function printStep(step: Step): void {
  const { participants, p99Ms, cpuShare, cpuUsPerPacket, packetsPerS, megabitsPerS } = step;
  const numbers = [
    participants,
    rounded(p99Ms),
    rounded(step.latencyP99Ms),
    Math.round(100 * cpuShare),
    rounded(cpuUsPerPacket),
    Math.round(packetsPerS),
    Math.round(megabitsPerS),
    Math.round(100 * step.runQueueShare),
    Math.round(step.memoryMb),
    Math.round(100 * step.openedShare),
  ];
  const { sinkP99Ms, sinkCpuShare, complaints, sinkComplaints } = step;
  const ofSink = `sink: p99 ${rounded(sinkP99Ms)} ms, CPU ${Math.round(100 * sinkCpuShare)} %`;
  print(
    `${cells(numbers.map(String))}  ${ofSink}  ${[...complaints, ...sinkComplaints].join(", ")}`,
  );
}

function cells(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(11)).join("");
}

/** JSON knows no NaN: `null` says that nothing was measured. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
