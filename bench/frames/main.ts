/**
 * What sealing costs: `npm run bench:frames` prints a table, with `--json` the figures on one line.
 * Ratios are ours ÷ WebCrypto AES-256-GCM alone, taken in turn in one run; trust them over times.
 */
import { parseArgs } from "node:util";
import { openChromiumPage } from "../../test/support/chromium-page.ts";
import type { FrameFigures } from "./measure.ts";
import { measureFrames, medianFigures } from "./measure.ts";
import { TASK_NAMES } from "./subject.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "100" },
    browsers: { type: "string", default: "3" },
  },
});
const [rounds, browsers] = [Number(values.rounds), Number(values.browsers)];
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error("--rounds must be at least 1");
if (!Number.isSafeInteger(browsers) || browsers < 1)
  throw new Error("--browsers must be at least 1");

const node = await measureFrames(rounds);
const chromium = await measureInChromium(rounds, browsers);
if (values.json) {
  print(JSON.stringify({ bench: "frames", rounds, browsers, figures: flatFigures() }));
} else {
  printTables();
}

/** Each time in a new browser: how its memory came to lie is part of what one run measures. */
async function measureInChromium(count: number, times: number): Promise<FrameFigures> {
  const all: FrameFigures[] = [];
  while (all.length < times) {
    const chromiumPage = await openChromiumPage(new URL("./", import.meta.url));
    try {
      all.push(await chromiumPage.page.evaluate((n) => window.measureInWorker(n), count));
    } finally {
      await chromiumPage.close();
    }
  }
  return medianFigures(all);
}

function flatFigures(): Record<string, number> {
  return {
    ...ratiosOf(chromium, ""),
    audioOverheadBytes: chromium.audioOverheadBytes,
    audioOverheadBytesLargeCall: chromium.audioOverheadBytesLargeCall,
    core720p30Percent: rounded(chromium.core720p30Percent),
    ...ratiosOf(node, "Node"),
    core720p30PercentNode: rounded(node.core720p30Percent),
    ...timesOf(chromium, "Chromium"),
    ...timesOf(node, "Node"),
  };
}

function ratiosOf({ sizes }: FrameFigures, where: string): Record<string, number> {
  return Object.fromEntries(
    sizes.flatMap(({ bytes, sealRatio, openRatio }) => [
      [`sealRatio${nameOf(bytes)}${where}`, rounded(sealRatio)],
      [`openRatio${nameOf(bytes)}${where}`, rounded(openRatio)],
    ]),
  );
}

function timesOf({ sizes }: FrameFigures, where: string): Record<string, number> {
  return Object.fromEntries(
    sizes.flatMap(({ bytes, us }) =>
      TASK_NAMES.flatMap((task) => {
        // A frame that is not encrypted is copied and handed on.
        const title = `${task === "none" ? "unencrypted" : task}${nameOf(bytes)}${where}`;
        return [
          [`${title}Us`, rounded(us[task])],
          [`${title}PerSecond`, Math.round(1_000_000 / us[task])],
        ];
      }),
    ),
  );
}

function nameOf(bytes: number): string {
  return bytes % 10_000 === 0 ? `${bytes / 1_000}kB` : `${bytes}B`;
}

function printTables(): void {
  for (const [name, figures] of Object.entries({ "Chromium, worker": chromium, Node: node })) {
    print(`${name}: µs a frame, medians of ${rounds} rounds`);
    print(
      row(["bytes", "copy", "raw seal", "seal", "ratio", "raw open", "open", "ratio", "seals/s"]),
    );
    for (const { bytes, us, sealRatio, openRatio } of figures.sizes) {
      const seals = [us.rawSeal, us.seal, sealRatio];
      const opens = [us.rawOpen, us.open, openRatio];
      const cells = [us.none, ...seals, ...opens].map((value) => value.toFixed(2));
      print(row([String(bytes), ...cells, (1_000_000 / us.seal).toFixed(0)]));
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
