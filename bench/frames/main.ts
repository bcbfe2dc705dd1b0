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
if (values.json) console.log(JSON.stringify(summary()));
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
  return {
    sealRatio100B: rounded(sizeOf(100).sealRatio),
    sealRatio1200B: rounded(sizeOf(1_200).sealRatio),
    sealRatio30kB: rounded(sizeOf(30_000).sealRatio),
    openRatio1200B: rounded(sizeOf(1_200).openRatio),
    audioOverheadBytes: chromium.audioOverheadBytes,
    core720p30Percent: rounded(chromium.core720p30Percent),
    rounds,
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
    console.log(`${name}: µs a frame, medians of ${rounds} rounds`);
    console.table(
      figures.sizes.map(({ bytes, us, sealRatio, openRatio, sealsPerSecond }) => ({
        bytes,
        copy: rounded(us.none),
        "raw seal": rounded(us.rawSeal),
        seal: rounded(us.seal),
        ratio: rounded(sealRatio),
        "raw open": rounded(us.rawOpen),
        open: rounded(us.open),
        "open ratio": rounded(openRatio),
        "frames/s": Math.round(sealsPerSecond),
      })),
    );
    console.log(`720p30 sender: ${rounded(figures.core720p30Percent)} % of a core`);
  }
  const { audioOverheadBytes, audioOverheadBytesLargeCall } = chromium;
  console.log(
    `audio frame: ${audioOverheadBytes} B beyond its bucket, ${audioOverheadBytesLargeCall} B in calls of more than 16`,
  );
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
