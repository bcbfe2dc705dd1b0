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
const USUAL_COLUMNS = 80;
const SEPARATOR = " · ";

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
    // A line that the terminal folds would not be erased with the others.
    const width = (this.#terminal.columns || USUAL_COLUMNS) - 1;
    const filled = Math.round(progress.share * BAR_WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    const lines = [
      `${bar} ${headOf(progress)}`,
      ...partsOf(progress).flatMap((parts) => folded(parts, width)),
    ].map((line) => line.slice(0, width));
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
    const text = [headOf(progress), ...partsOf(progress).flat()].join(SEPARATOR);
    this.#terminal.write(`${text}\n`);
  }
}

/** What is told of a second, without the bar; each part short enough to stand alone in a line. */
function partsOf({ sample }: Progress): readonly (readonly string[])[] {
  const latency = (kind: string, values: readonly (number | null)[]) =>
    `${kind} ${values.map((value) => (value === null ? "–" : numberText(value))).join("/")}`;
  const { audioLatencyP50Ms, audioLatencyP95Ms, audioLatencyP99Ms } = sample;
  const { videoLatencyP50Ms, videoLatencyP95Ms, videoLatencyP99Ms } = sample;
  return [
    [
      `in ${flow(sample.megabitsInPerS, sample.packetsInPerS)}`,
      `out ${flow(sample.megabitsOutPerS, sample.packetsOutPerS)}`,
      `loss ${numberText(sample.lossPercent)} %`,
    ],
    [
      `one way p50/p95/p99 ms: ${latency("audio", [audioLatencyP50Ms, audioLatencyP95Ms, audioLatencyP99Ms])}`,
      latency("video", [videoLatencyP50Ms, videoLatencyP95Ms, videoLatencyP99Ms]),
    ],
    [
      `keys ${numberText(sample.epochConvergence * 100)} % current`,
      `${sample.decryptFailures} frames did not open`,
    ],
    [
      `generator ${use(sample.generatorCores, sample.generatorMemoryMb)}`,
      ...(sample.serverCores === null
        ? []
        : [`signaling ${use(sample.serverCores, sample.serverMemoryMb ?? 0)}`]),
      ...sample.workers.map(
        ({ name, cores, memoryMb }) => `worker ${name} ${use(cores, memoryMb)}`,
      ),
    ],
  ];
}

/** Puts parts into as few lines as they fit. */
function folded(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ""}${SEPARATOR}${part}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`  ${part}`);
  }
  return lines;
}

function headOf({ phase, sample }: Progress): string {
  return `${phase} ${numberText(sample.atS)} s  ${sample.joined}/${sample.target} joined`;
}

function flow(megabits: number, packets: number): string {
  return `${numberText(megabits)} Mbit/s ${numberText(Math.round(packets))} packets/s`;
}

/** Of a core, and memory. */
function use(cores: number, memoryMb: number): string {
  return `${(cores * 100).toFixed(0)} % ${numberText(memoryMb)} MB`;
}
