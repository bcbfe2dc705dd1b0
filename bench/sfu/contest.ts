import type { EngineSettings, MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { EngineProcess } from "../../loadtest/engine/engine-process.ts";
import { mediaFolder, nativeProgram } from "../../test/support/engine-lab.ts";
import type { Pair } from "./comparison.ts";
import { soundPairs } from "./comparison.ts";
import { OfferedLoad } from "./offered-load.ts";
import { allowedCores, pinToCore } from "./processes.ts";
import type { Round } from "./round.ts";
import { measureRound, useOf } from "./round.ts";
import type { TestedServer } from "./tested-server.ts";

/** One core for the server, another one for the generator, far from each other where there are more. */
const [SERVER_CORE = 0, ...OTHER_CORES] = allowedCores();
const GENERATOR_CORE = OTHER_CORES.at(-1) ?? SERVER_CORE;

/** A server with its load, which keeps still until it is its turn. */
export interface Contestant {
  readonly server: TestedServer;
  readonly engine: MediaEngine;
  readonly load: OfferedLoad;
  /** What a participant costs the media processes, from an empty room to the full one. */
  readonly memoryBytesPerParticipant: number;
}

export interface ContestantOptions {
  readonly publishers: number;
  readonly viewers: number;
  readonly openShare: number;
}

/**
 * The native engine on its core. It polls: a server whose viewers are on other machines wakes nobody
 * by sending, and must not be charged with it here.
 */
export async function startGenerator(
  settings: Pick<EngineSettings, "srtpProfiles" | "seal">,
): Promise<EngineProcess> {
  const engine = new EngineProcess(nativeProgram());
  const { pid } = engine;
  if (pid !== undefined) await pinToCore(GENERATOR_CORE, [pid]);
  await engine.request("engine:open", { ...settings, mediaFolder, stamp: true, polls: true });
  return engine;
}

/** Fills a room on the server, which runs on its core alone from now on. */
export async function prepare(
  server: TestedServer,
  engine: MediaEngine,
  options: ContestantOptions,
): Promise<Contestant> {
  await pinToCore(SERVER_CORE, [...server.mediaPids, ...server.controlPids]);
  const load = new OfferedLoad(engine, await server.openRoom(engine), options.openShare);
  const emptyBytes = useOf(server).memoryBytes;
  for (let added = 0; added < options.publishers; added += 1) await load.addPublisher();
  for (let added = 0; added < options.viewers; added += 1) await load.addViewer();
  await load.setSending(false);
  const bytes = useOf(server).memoryBytes - emptyBytes;
  return { server, engine, load, memoryBytesPerParticipant: bytes / load.participants };
}

export interface TurnsOptions {
  readonly seconds: number;
  /** So many pairs that count. */
  readonly pairs: number;
  /** Of the system's clock: after that no further pair is begun. */
  readonly deadlineMs: number;
  readonly onRound: (contestant: Contestant, round: Round) => void;
}

/** ABBA …, so that what comes second is no advantage, until enough pairs count. */
export async function takeTurns(
  ours: Contestant,
  theirs: Contestant,
  options: TurnsOptions,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const turn = async (contestant: Contestant) => {
    await contestant.load.setSending(true);
    const round = await measureRound(contestant.server, contestant.engine, options.seconds);
    await contestant.load.setSending(false);
    options.onRound(contestant, round);
    return round;
  };
  do {
    const isReversed = pairs.length % 2 === 1;
    const theirsFirst = isReversed ? await turn(theirs) : undefined;
    const ourRound = await turn(ours);
    pairs.push({ ours: ourRound, theirs: theirsFirst ?? (await turn(theirs)) });
  } while (soundPairs(pairs).length < options.pairs && Date.now() < options.deadlineMs);
  return pairs;
}
