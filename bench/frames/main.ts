/**
 * What sealing costs: `npm run bench:frames` prints a table, with `--json` the figures on one line.
 * Ratios are ours ÷ WebCrypto AES-256-GCM alone, taken in turn in one run; trust them over times.
 */
import { parseArgs } from "node:util";
import { openChromiumPage } from "../../test/support/chromium-page.ts";
import type { FrameFigures } from "./measure.ts";
import { measureFrames } from "./measure.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "100" },
  },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error("--rounds must be at least 1");

const node = await measureFrames(rounds);
const chromium = await measureInChromium(rounds);
if (values.json) print(JSON.stringify(summary()));
else printTables();

async function measureInChromium(count: number): Promise<FrameFigures> {
  const chromiumPage = await openChromiumPage(new URL("./", import.meta.url));
  try {
    return await chromiumPage.page.evaluate((n) => window.measureInWorker(n), count);
  } finally {
    await chromiumPage.close();
  }
}

function summary() {
  const figures = {
    sealRatio100B: rounded(sizeOf(100).sealRatio),
    sealRatio1200B: rounded(sizeOf(1_200).sealRatio),
    sealRatio30kB: rounded(sizeOf(30_000).sealRatio),
    openRatio1200B: rounded(sizeOf(1_200).openRatio),
    audioOverheadBytes: chromium.audioOverheadBytes,
    core720p30Percent: rounded(chromium.core720p30Percent),
  };
  return {
    bench: "frames",
    rounds,
    figures,
    chromium,
    node,
  };
}

function sizeOf(bytes: number) {
  const size = chromium.sizes.find((candidate) => candidate.bytes === bytes);
  if (size === undefined) throw new Error(`${bytes} bytes were not measured`);
  return size;
}

function printTables(): void {
  for (const [name, figures] of Object.entries({ "Chromium, worker": chromium, Node: node })) {
    print(`${name}: µs a frame, medians of ${rounds} rounds`);
    print(
      row(["bytes", "copy", "raw seal", "seal", "ratio", "raw open", "open", "ratio", "seals/s"]),
    );
    for (const { bytes, us, sealRatio, openRatio, sealsPerSecond } of figures.sizes) {
      const seals = [us.rawSeal, us.seal, sealRatio];
      const opens = [us.rawOpen, us.open, openRatio];
      const cells = [us.none, ...seals, ...opens].map((value) => value.toFixed(2));
      print(row([String(bytes), ...cells, sealsPerSecond.toFixed(0)]));
    }
    print(`720p30 sender: ${figures.core720p30Percent.toFixed(2)} % of a core\n`);
  }
  const { audioOverheadBytes, audioOverheadBytesLargeCall } = chromium;
  print(`audio frame: ${audioOverheadBytes} B beyond its bucket in a call of up to 16,`);
  print(`${audioOverheadBytesLargeCall} B in one of up to 4,096`);
}

function row(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(9)).join("");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
