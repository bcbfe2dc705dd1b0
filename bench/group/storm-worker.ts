/** A part of a storm's newcomers: keeps their secrets, and lets each of them follow in turn. */
import { parentPort, workerData } from "node:worker_threads";
import type { Newcomer } from "../../src/e2ee/group/index.ts";
import { newcomerTo, timed } from "./crowd.ts";
import type { StormAnswers, StormMember, StormRequest, StormWorkerData } from "./storm-messages.ts";

const { invitation }: StormWorkerData = workerData;
const batches: Newcomer[][] = [];

parentPort?.on("message", (request: StormRequest) => {
  void answer(request).then((answered) => parentPort?.postMessage(answered, []));
});

async function answer(
  request: StormRequest,
): Promise<StormAnswers["newcomers"] | StormAnswers["follow"]> {
  return request.kind === "newcomers" ? makeNewcomers(request.count) : follow(request);
}

async function makeNewcomers(count: number): Promise<StormAnswers["newcomers"]> {
  const made: Newcomer[] = [];
  while (made.length < count) made.push(await newcomerTo(invitation));
  batches.push(made);
  return made.map(({ keyPackage }) => keyPackage);
}

async function follow({
  commits,
  welcomes,
  budgetMs,
}: Extract<StormRequest, { kind: "follow" }>): Promise<StormAnswers["follow"]> {
  const endMs = performance.now() + budgetMs;
  const members: StormMember[] = [];
  for (const [batch, newcomer] of inTurns()) {
    if (performance.now() > endMs) break;
    const welcome = welcomes[batch];
    if (welcome === undefined) throw new Error("a Welcome is missing");
    const [enteredMs, group] = await timed(() => newcomer.enter(welcome));
    const stepMs = [enteredMs];
    for (const commit of commits.slice(batch + 1)) {
      stepMs.push((await timed(() => group.process(commit)))[0]);
    }
    members.push({ batch, stepMs, tag: group.epochTag });
    // One after another, for a thousand trees don't fit into one machine's memory.
    group.close();
  }
  return members;
}

/** One of each batch by turns, so that whoever is left out is of all of them. */
function inTurns(): (readonly [batch: number, newcomer: Newcomer])[] {
  const longest = Math.max(...batches.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    batches.flatMap((newcomers, batch) => {
      const newcomer = newcomers[turn];
      return newcomer === undefined ? [] : [[batch, newcomer] as const];
    }),
  ).flat();
}
