/**
 * What forwarding costs here and in Janus: `npm run bench:sfu` prints tables, with `--json` the
 * figures on one line.
 *
 * One generator sends the same packets to as many publishers' ends and takes them as as many
 * viewers, on this project's whole service and on the VideoRoom of Debian's Janus, in turns in one
 * run. Each server has one core, the generator another. Ratios are medians over pairs of rounds.
 */
import { availableParallelism } from "node:os";
import type { Cleanups } from "../../test/support/cleanups.ts";
import { AparteServer } from "./aparte-server.ts";
import { climb } from "./climb.ts";
import type { Capacity } from "./climb.ts";
import type { Pair } from "./comparison.ts";
import { cpuUsPerPacket, median, medianRatio, soundPairs } from "./comparison.ts";
import { prepare, startGenerator, takeTurns } from "./contest.ts";
import type { Contestant } from "./contest.ts";
import { JanusServer } from "./janus-server.ts";
import { readOptions } from "./options.ts";
import { print, printHeadings, printRound, rounded } from "./output.ts";
import type { Round } from "./round.ts";
import { withCleanups } from "../support/with-cleanups.ts";

/** Fewer say nothing. */
const FEWEST_PAIRS = 3;
/**
 * When each part begins nothing further, from the beginning of the run: on a machine that is busy
 * otherwise, too, all of it ends within five minutes.
 */
const TURNS_UNTIL_MS = 110_000;
const CLIMBS_UNTIL_MS = [190_000, 265_000] as const;
const GROWTH = 1.2;
const SECONDS_PER_STEP = 3;

const beganMs = Date.now();
const options = readOptions({ seconds: 4 });
await withCleanups(run);

async function run(cleanups: Cleanups): Promise<void> {
  const engine = await startGenerator({ srtpProfiles: [options.srtpProfile], seal: true });
  cleanups.defer(() => engine.close());
  const contestants: Contestant[] = [];
  for (const start of [() => AparteServer.start(), () => JanusServer.start()]) {
    const server = await start();
    cleanups.defer(() => server.stop());
    contestants.push(await prepare(server, engine, options));
  }
  const [ours, theirs] = contestants;
  if (ours === undefined || theirs === undefined) throw new Error("there are two servers");
  if (!options.json) printHeadings(`The same load in turns, ${options.srtpProfile}`);
  const pairs = await takeTurns(ours, theirs, {
    ...options,
    deadlineMs: beganMs + TURNS_UNTIL_MS,
    onRound: options.json
      ? () => undefined
      : ({ server, load }, round) => {
          printRound(server.name, load, round);
        },
  });
  const [oursUntilMs, theirsUntilMs] = CLIMBS_UNTIL_MS;
  const ourCapacity = await capacityOf(ours, beganMs + oursUntilMs);
  const theirCapacity = await capacityOf(theirs, beganMs + theirsUntilMs);
  report(pairs, [ours, theirs], ourCapacity, theirCapacity);
}

async function capacityOf(contestant: Contestant, deadlineMs: number): Promise<Capacity> {
  if (!options.json) printHeadings(`Ever more viewers on one core, ${contestant.server.name}`);
  await contestant.load.setSending(true);
  const capacity = await climb({
    ...options,
    ...contestant,
    seconds: Math.min(options.seconds, SECONDS_PER_STEP),
    growth: GROWTH,
    deadlineMs,
    onStep: options.json
      ? () => undefined
      : ({ round }) => {
          printRound(contestant.server.name, contestant.load, round);
        },
  });
  await contestant.load.setSending(false);
  return capacity;
}

function report(
  pairs: readonly Pair[],
  [ours, theirs]: readonly [Contestant, Contestant],
  ourCapacity: Capacity,
  theirCapacity: Capacity,
): void {
  const counted = soundPairs(pairs);
  const isValid = counted.length >= FEWEST_PAIRS;
  // Without enough that count the figures are told nevertheless, and that they are no result.
  const used = isValid ? counted : pairs;
  const rounds = used.map((pair) => pair.ours);
  const theirRounds = used.map((pair) => pair.theirs);
  const of = (some: readonly Round[], figure: (round: Round) => number) =>
    rounded(median(some.map(figure)));
  const figures = {
    janusCpuPerPacketRatio: rounded(medianRatio(used, cpuUsPerPacket)),
    consumersPerCore: ourCapacity.consumers,
    controlPlaneShare:
      Math.round(1e4 * median(rounds.map((one) => one.controlCpuUs / one.mediaCpuUs))) / 1e4,
    addedLatencyP99Ms: of(rounds, ({ latencyP99Ms }) => latencyP99Ms),
    generatorValid: isValid ? 1 : 0,
    cpuUsPerPacket: of(rounds, cpuUsPerPacket),
    janusCpuUsPerPacket: of(theirRounds, cpuUsPerPacket),
    janusAddedLatencyP99Ms: of(theirRounds, ({ latencyP99Ms }) => latencyP99Ms),
    packetsPerSecondPerCore: Math.round(ourCapacity.packetsPerS),
    janusConsumersPerCore: theirCapacity.consumers,
    janusPacketsPerSecondPerCore: Math.round(theirCapacity.packetsPerS),
    memoryKbPerParticipant: Math.round(ours.memoryBytesPerParticipant / 1024),
    janusMemoryKbPerParticipant: Math.round(theirs.memoryBytesPerParticipant / 1024),
    pairsMeasured: pairs.length,
    pairsCounted: counted.length,
  };
  if (!options.json) {
    print(
      `\n${Object.entries(figures)
        .map(([name, value]) => `${name}: ${value}`)
        .join("\n")}`,
    );
    if (!isValid) print("\nThe generator was the limit too often: these figures are no result.");
    return;
  }
  print(
    JSON.stringify({
      bench: "sfu",
      figures,
      versions: { aparte: ours.server.version, janus: theirs.server.version },
      srtpProfile: options.srtpProfile,
      stream: "VP8, 640x360, 30 frames a second, 442 kbit/s, each frame sealed",
      publishers: options.publishers,
      viewers: options.viewers,
      secondsPerRound: options.seconds,
      limits: { aparte: ourCapacity.limit, janus: theirCapacity.limit },
      cores: availableParallelism(),
    }),
  );
}
