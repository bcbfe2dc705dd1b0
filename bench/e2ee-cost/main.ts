/**
 * What end-to-end encryption costs the server: `npm run bench:e2ee-cost` prints a table, with
 * `--json` the figures on one line.
 *
 * Two generators send the same pictures through this project's whole service in turns, one sealing
 * each frame and the other not. The server cannot tell them apart but by the bytes: a sealed frame
 * is some 22 bytes longer. Ratios are medians over pairs of rounds.
 */
import { availableParallelism } from "node:os";
import type { Cleanups } from "../../test/support/cleanups.ts";
import { AparteServer } from "../sfu/aparte-server.ts";
import type { Pair } from "../sfu/comparison.ts";
import { cpuUsPerPacket, median, medianRatio, soundPairs } from "../sfu/comparison.ts";
import { prepare, startGenerator, takeTurns } from "../sfu/contest.ts";
import type { Contestant } from "../sfu/contest.ts";
import { readOptions } from "../sfu/options.ts";
import { print, printHeadings, printRound, rounded } from "../sfu/output.ts";
import type { Round } from "../sfu/round.ts";
import { withCleanups } from "../support/with-cleanups.ts";

const FEWEST_PAIRS = 3;
const TURNS_MS = 200_000;

/** The loop of media lasts as long, so that each round has the same frames. */
const LOOP_SECONDS = 8;

const options = readOptions({ seconds: LOOP_SECONDS });
await withCleanups(run);

async function run(cleanups: Cleanups): Promise<void> {
  const server = await AparteServer.start();
  cleanups.defer(() => server.stop());
  const inClear = await contestantOf(cleanups, server, false);
  const sealed = await contestantOf(cleanups, server, true);
  if (!options.json) printHeadings(`In clear and sealed in turns, ${options.srtpProfile}`);
  const pairs = await takeTurns(inClear, sealed, {
    ...options,
    deadlineMs: Date.now() + TURNS_MS,
    onRound: options.json
      ? () => undefined
      : (contestant, round) => {
          printRound(contestant === sealed ? "sealed" : "in clear", contestant.load, round);
        },
  });
  report(pairs);
}

/** A room of its own in the same server, filled by a generator of its own. */
async function contestantOf(
  cleanups: Cleanups,
  server: AparteServer,
  seal: boolean,
): Promise<Contestant> {
  const engine = await startGenerator({ srtpProfiles: [options.srtpProfile], seal });
  cleanups.defer(() => engine.close());
  return prepare(server, engine, options);
}

/** In each pair the first is the one in clear. */
function report(pairs: readonly Pair[]): void {
  const counted = soundPairs(pairs);
  const isValid = counted.length >= FEWEST_PAIRS;
  const used = isValid ? counted : pairs;
  const bytesPerFrame = ({ bytesPerPacket, forwardedPackets, framesReceived }: Round) =>
    (bytesPerPacket * forwardedPackets) / framesReceived;
  const figures = {
    serverCpuRatioSealed: rounded(medianRatio(used, cpuUsPerPacket)),
    bytesRatioSealed: rounded(medianRatio(used, bytesPerFrame)),
    packetsRatioSealed: rounded(
      medianRatio(
        used,
        ({ forwardedPackets, framesReceived }) => forwardedPackets / framesReceived,
      ),
    ),
    extraBytesPerFrame: rounded(
      median(used.map(({ ours, theirs }) => bytesPerFrame(theirs) - bytesPerFrame(ours))),
    ),
    cpuUsPerPacketSealed: rounded(median(used.map(({ theirs }) => cpuUsPerPacket(theirs)))),
    cpuUsPerPacketClear: rounded(median(used.map(({ ours }) => cpuUsPerPacket(ours)))),
    generatorValid: isValid ? 1 : 0,
    pairsMeasured: pairs.length,
    pairsCounted: counted.length,
  };
  if (!options.json) {
    const lines = Object.entries(figures).map(([name, value]) => `${name}: ${value}`);
    print(`\n${lines.join("\n")}`);
    if (!isValid) print("\nThe generator was the limit too often: these figures are no result.");
    return;
  }
  const { srtpProfile, publishers, viewers, seconds: secondsPerRound } = options;
  const settings = { srtpProfile, publishers, viewers, secondsPerRound };
  print(
    JSON.stringify({ bench: "e2ee-cost", figures, ...settings, cores: availableParallelism() }),
  );
}
