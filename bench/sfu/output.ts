import { cpuUsPerPacket, isSound } from "./comparison.ts";
import type { OfferedLoad } from "./offered-load.ts";
import type { Round } from "./round.ts";

const HEADINGS = ["server", "streams", "packets/s", "µs/packet", "p99 ms", "lost", "control %"];
const OF_GENERATOR = ["its p99 ms", "wait %"];
const CELL = 12;

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printHeadings(title: string): void {
  print(`\n${title}`);
  print([...HEADINGS, ...OF_GENERATOR].map((text) => text.padStart(CELL)).join(""));
}

/** A line of the table that people read. */
export function printRound(name: string, { consumers }: OfferedLoad, round: Round): void {
  const { generator } = round;
  const cells = [
    name,
    consumers,
    Math.round(round.packetsPerS),
    rounded(cpuUsPerPacket(round)),
    rounded(round.latencyP99Ms),
    round.lostPackets,
    rounded((100 * round.controlCpuUs) / round.mediaCpuUs),
    rounded(generator.delayP99Ms),
    rounded(100 * generator.runQueueShare),
  ];
  const verdict = isSound(round) ? "" : "  the generator was the limit";
  print(`${cells.map((cell) => String(cell).padStart(CELL)).join("")}${verdict}`);
}

/** Two decimals. JSON knows no NaN: it writes `null`, which says that nothing was measured. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
