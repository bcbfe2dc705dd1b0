/** The measurement itself: it runs unchanged in Node and in a browser's worker. */
import { FrameSealer } from "../../src/e2ee/frame/frame-sealer.ts";
import { Keyring } from "../../src/e2ee/frame/keyring.ts";
import { measureSender } from "./pipeline.ts";
import { median, medianRatio, sampleInTurn } from "./samples.ts";
import type { TaskName } from "./subject.ts";
import { createSubject, keysOf, requireCodec, TASK_NAMES } from "./subject.ts";

export interface SizeFigures {
  readonly bytes: number;
  /** Microseconds a frame, the median of all rounds. */
  readonly us: Readonly<Record<TaskName, number>>;
  /** The medians of ours ÷ raw within a round. */
  readonly sealRatio: number;
  readonly openRatio: number;
}

export interface FrameFigures {
  readonly sizes: readonly SizeFigures[];
  /** Bytes that an audio frame grows by beyond its bucket, in a call of up to 16 and of 4,096. */
  readonly audioOverheadBytes: number;
  readonly audioOverheadBytesLargeCall: number;
  /** What sealing all frames of a 720p30 sender takes of one core. */
  readonly core720p30Percent: number;
}

const SIZES = [100, 1_200, 5_000, 30_000];
/** The longest Opus packet of the smallest bucket, so that no filling is counted. */
const FULL_BUCKET_BYTES = 191;
/** A minute of audio: the counter has two bytes then, as it has for 20 minutes. */
const FRAMES_BEFORE = 3_000;

export async function measureFrames(rounds: number): Promise<FrameFigures> {
  const sizes: SizeFigures[] = [];
  for (const bytes of SIZES) sizes.push(await measureSize(bytes, rounds));
  return {
    sizes,
    audioOverheadBytes: await measureAudioOverhead(15),
    audioOverheadBytesLargeCall: await measureAudioOverhead(4_095),
    core720p30Percent: await measureSender(rounds),
  };
}

/** Of several runs, the median of each figure. */
export function medianFigures(runs: readonly FrameFigures[]): FrameFigures {
  const overRuns = (pick: (figures: FrameFigures) => number) => median(runs.map(pick));
  return {
    sizes: SIZES.map((bytes, index) => {
      const of = (pick: (size: SizeFigures) => number) =>
        overRuns(({ sizes }) => pick(sizes[index] ?? fail()));
      return {
        bytes,
        us: {
          none: of(({ us }) => us.none),
          rawSeal: of(({ us }) => us.rawSeal),
          seal: of(({ us }) => us.seal),
          rawOpen: of(({ us }) => us.rawOpen),
          open: of(({ us }) => us.open),
        },
        sealRatio: of(({ sealRatio }) => sealRatio),
        openRatio: of(({ openRatio }) => openRatio),
      };
    }),
    audioOverheadBytes: overRuns((run) => run.audioOverheadBytes),
    audioOverheadBytesLargeCall: overRuns((run) => run.audioOverheadBytesLargeCall),
    core720p30Percent: overRuns((run) => run.core720p30Percent),
  };
}

function fail(): never {
  throw new Error("a size was not measured");
}

async function measureSize(bytes: number, rounds: number): Promise<SizeFigures> {
  const samples = await sampleInTurn(await createSubject(bytes), TASK_NAMES, rounds);
  const of = (name: TaskName) => samples.get(name) ?? [];
  return {
    bytes,
    us: {
      none: median(of("none")),
      rawSeal: median(of("rawSeal")),
      seal: median(of("seal")),
      rawOpen: median(of("rawOpen")),
      open: median(of("open")),
    },
    sealRatio: medianRatio(of("seal"), of("rawSeal")),
    openRatio: medianRatio(of("open"), of("rawOpen")),
  };
}

async function measureAudioOverhead(leafIndex: number): Promise<number> {
  const keyring = new Keyring();
  keyring.setEpoch(keysOf(leafIndex));
  const sealer = new FrameSealer(keyring, "microphone");
  const codec = requireCodec("audio/opus");
  const frame = new Uint8Array(FULL_BUCKET_BYTES);
  let sealedBytes = 0;
  for (let count = 0; count < FRAMES_BEFORE; count += 1) {
    const outcome = await sealer.seal(frame, codec);
    if (outcome.status === "sealed") sealedBytes = outcome.data.length;
  }
  keyring.close("measured");
  return sealedBytes - frame.length;
}
