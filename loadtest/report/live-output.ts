import type { Progress } from "../coordinator/load-run.ts";
import { numberText } from "./text-table.ts";

interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR_WIDTH = 24;
/** Without a terminal nobody watches: a line now and then is enough. */
const QUIET_PERIOD_S = 5;
const MINIMUM_COLUMNS = 60;

/** Shows how a run goes: drawn anew each second in a terminal, else a line every few seconds. */
export class LiveOutput {
  readonly #terminal: Terminal;
  #drawnLines = 0;
  #lastLineS = -QUIET_PERIOD_S;
  #lastPhase = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(progress: Progress): void {
    if (this.#terminal.isTTY === true) this.#draw(progress);
    else this.#line(progress);
  }

  /** Writes above what is drawn. */
  say(text: string): void {
    this.#erase();
    this.#terminal.write(`${text}\n`);
  }

  end(): void {
    this.#erase();
  }

  #draw(progress: Progress): void {
    this.#erase();
    const width = Math.max(MINIMUM_COLUMNS, this.#terminal.columns ?? 80) - 1;
    const lines = linesOf(progress).map((line) => line.slice(0, width));
    this.#terminal.write(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    // Up to where the picture began, and everything below away.
    if (this.#drawnLines > 0) this.#terminal.write(`\u001B[${this.#drawnLines}A\u001B[0J`);
    this.#drawnLines = 0;
  }

  #line(progress: Progress): void {
    const { sample, phase } = progress;
    const isNew = phase !== this.#lastPhase;
    if (!isNew && sample.atS - this.#lastLineS < QUIET_PERIOD_S) return;
    this.#lastLineS = sample.atS;
    this.#lastPhase = phase;
    const [first = "", ...others] = linesOf(progress).map((line) => line.trim());
    const text = [first.replace(/[█░]+ */, ""), ...others].join(" · ");
    this.#terminal.write(`${text}\n`);
  }
}

function linesOf({ phase, share, sample }: Progress): string[] {
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const percentiles = (p50: number | null, p95: number | null, p99: number | null) =>
    [p50, p95, p99].map((value) => (value === null ? "–" : numberText(value))).join("/");
  const { workers, serverCores, serverMemoryMb } = sample;
  const server =
    serverCores === null
      ? []
      : [
          `server ${cores(serverCores)} ${numberText(serverMemoryMb ?? 0)} MB` +
            workers
              .map(
                ({ name, ...use }) =>
                  ` · worker ${name} ${cores(use.cores)} ${numberText(use.memoryMb)} MB`,
              )
              .join(""),
        ];
  return [
    `${bar} ${phase} ${numberText(sample.atS)} s  ${sample.joined}/${sample.target} joined`,
    `  in ${flow(sample.megabitsInPerS, sample.packetsInPerS)}, ` +
      `out ${flow(sample.megabitsOutPerS, sample.packetsOutPerS)}, ` +
      `loss ${numberText(sample.lossPercent)} %`,
    `  one way p50/p95/p99 ms: audio ` +
      `${percentiles(sample.audioLatencyP50Ms, sample.audioLatencyP95Ms, sample.audioLatencyP99Ms)}, ` +
      `video ${percentiles(sample.videoLatencyP50Ms, sample.videoLatencyP95Ms, sample.videoLatencyP99Ms)}`,
    `  keys ${numberText(sample.epochConvergence * 100)} % current, ` +
      `${sample.decryptFailures} frames did not open, ` +
      `generator ${cores(sample.generatorCores)} ${numberText(sample.generatorMemoryMb)} MB`,
    ...server.map((line) => `  ${line}`),
  ];
}

function flow(megabits: number, packets: number): string {
  return `${numberText(megabits)} Mbit/s ${numberText(Math.round(packets))} packets/s`;
}

function cores(value: number): string {
  return `${(value * 100).toFixed(0)} %`;
}
