/**
 * What relaying costs: `npm run bench:turn` prints a table, with `--json` the figures on one line.
 * The engines take turns under the same load in one run, so that ratios hold on a busy machine.
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { turnEngineNames } from "../../src/turn/turn-options.ts";
import type { TurnEngineName } from "../../src/turn/turn-options.ts";
import { percentile } from "../support/percentile.ts";
import type { LoadFigures } from "./measure.ts";
import { measureLoad } from "./measure.ts";
import { RelayServer } from "./relay-server.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    rate: { type: "string", default: "4000" },
  },
});
const allocationCounts = [1, 10, 100] as const;
const payloadBytes = 1_000;
const secret = randomBytes(32).toString("base64url");
const measured = new Map<string, LoadFigures[]>();

const servers: RelayServer[] = [];
try {
  for (const engine of turnEngineNames) servers.push(await RelayServer.start(engine, secret));
  // The compiler needs some seconds of load before a call of hours looks like itself.
  for (let warmUp = 0; warmUp < 2; warmUp += 1) {
    for (const server of servers) await measure(server, 10);
  }
  measured.clear();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const allocations of allocationCounts) {
      for (const server of servers) await measure(server, allocations);
    }
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}
if (values.json) print(JSON.stringify(summary()));
else printTable();

async function measure(server: RelayServer, allocations: number): Promise<void> {
  const figures = await measureLoad(server, {
    secret,
    allocations,
    durationMs: Number(values.seconds) * 1_000,
    packetsPerSecond: Number(values.rate),
    payloadBytes,
  });
  const key = keyOf(server.engine, allocations);
  measured.set(key, [...(measured.get(key) ?? []), figures]);
}

function summary() {
  const cpu = (engine: TurnEngineName) =>
    median(allocationCounts.map((count) => medianOf(engine, count, "cpuUsPerPacket")));
  const builtin = allocationCounts.flatMap((count) => measured.get(keyOf("builtin", count)) ?? []);
  const sent = builtin.reduce((sum, each) => sum + each.sent, 0);
  const relayed = builtin.reduce((sum, each) => sum + each.relayed, 0);
  const ofBuiltin = (figure: keyof LoadFigures) =>
    Math.max(...allocationCounts.map((count) => medianOf("builtin", count, figure)));
  return {
    bench: "turn",
    figures: {
      cpuRatioCoturn: rounded(ratio("coturn")),
      cpuRatioNodeTurn: rounded(ratio("node-turn")),
      packetsPerSecondPerCore: Math.round(1e6 / cpu("builtin")),
      lossPercent: rounded((100 * (sent - relayed)) / sent),
      // The worst of the three numbers of allocations.
      p99Ms: rounded(ofBuiltin("p99Ms")),
      // Of the thread that supervises: in one process with signaling, that is signaling's.
      loopDelayP99Ms: rounded(ofBuiltin("loopDelayP99Ms")),
    },
    rounds: Number(values.rounds),
    packetsPerSecondOffered: Number(values.rate),
    payloadBytes,
    engines: Object.fromEntries(
      turnEngineNames.map((engine) => [
        engine,
        allocationCounts.map((count) => row(engine, count)),
      ]),
    ),
  };
}

/** builtin's CPU per packet ÷ the other's: the median of pairs that were measured in turn. */
function ratio(other: TurnEngineName): number {
  const ratios = allocationCounts.flatMap((count) => {
    const others = measured.get(keyOf(other, count)) ?? [];
    return (measured.get(keyOf("builtin", count)) ?? []).map(
      (own, round) => own.cpuUsPerPacket / (others[round]?.cpuUsPerPacket ?? Number.NaN),
    );
  });
  return median(ratios);
}

function row(engine: TurnEngineName, allocations: number) {
  return {
    allocations,
    cpuUsPerPacket: rounded(medianOf(engine, allocations, "cpuUsPerPacket")),
    lossPercent: rounded(medianOf(engine, allocations, "lossPercent")),
    p99Ms: rounded(medianOf(engine, allocations, "p99Ms")),
    loopDelayP99Ms: rounded(medianOf(engine, allocations, "loopDelayP99Ms")),
  };
}

function printTable(): void {
  print("CPU of the relay a packet, medians; p99 from sender to receiver, generator included");
  print(cells(["engine", "allocations", "µs CPU", "loss %", "p99 ms", "loop p99 ms"]));
  for (const engine of turnEngineNames) {
    for (const count of allocationCounts) {
      const { cpuUsPerPacket, lossPercent, p99Ms, loopDelayP99Ms } = row(engine, count);
      const numbers = [count, cpuUsPerPacket, lossPercent, p99Ms, loopDelayP99Ms].map(String);
      print(cells([engine, ...numbers]));
    }
  }
  const { cpuRatioCoturn, cpuRatioNodeTurn, packetsPerSecondPerCore } = summary().figures;
  print(`\nbuiltin ÷ coturn: ${cpuRatioCoturn}, builtin ÷ node-turn: ${cpuRatioNodeTurn}`);
  print(`builtin relays ${packetsPerSecondPerCore} packets a second of CPU time`);
}

function medianOf(engine: TurnEngineName, count: number, figure: keyof LoadFigures): number {
  return median((measured.get(keyOf(engine, count)) ?? []).map((each) => each[figure]));
}

function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

function keyOf(engine: TurnEngineName, allocations: number): string {
  return `${engine} ${allocations}`;
}

function cells(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(12)).join("");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
