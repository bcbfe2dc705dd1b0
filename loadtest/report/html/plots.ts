import { Histogram } from "../../statistics/histogram.ts";
import { numberText } from "../text-table.ts";
import type { HistogramName, RunResult, Sample, Stage } from "../run-result.ts";
import type { Series } from "./chart.ts";
import { distributionChart, lineChart } from "./chart.ts";

/** How things went, second by second. */
export function plotsOverTime(result: RunResult): string {
  const { samples, marks } = result;
  const over = (
    name: string,
    read: (sample: Sample) => number | null,
    isFaint = false,
  ): Series => ({
    name,
    points: samples.map((sample) => [sample.atS, read(sample)]),
    isFaint,
  });
  const workers = [...new Set(samples.flatMap((one) => one.workers.map(({ name }) => name)))];
  const workerSeries = workers.slice(0, 4).map((worker) =>
    over(`worker ${worker}`, (sample) => {
      const found = sample.workers.find(({ name }) => name === worker);
      return found === undefined ? null : found.cores * 100;
    }),
  );
  return [
    lineChart({
      title: "Participants",
      unit: "joined",
      marks,
      series: [
        over("joined", ({ joined }) => joined),
        over("target", ({ target }) => target, true),
      ],
    }),
    lineChart({
      title: "Media",
      unit: "Mbit/s",
      marks,
      series: [
        over("received by participants", ({ megabitsInPerS }) => megabitsInPerS),
        over("sent by participants", ({ megabitsOutPerS }) => megabitsOutPerS),
      ],
    }),
    lineChart({
      title: "One-way latency, audio",
      unit: "ms",
      marks,
      series: [
        over("median", (sample) => sample.audioLatencyP50Ms),
        over("95 %", (sample) => sample.audioLatencyP95Ms),
        over("99 %", (sample) => sample.audioLatencyP99Ms),
      ],
    }),
    lineChart({
      title: "One-way latency, video",
      unit: "ms",
      marks,
      series: [
        over("median", (sample) => sample.videoLatencyP50Ms),
        over("95 %", (sample) => sample.videoLatencyP95Ms),
        over("99 %", (sample) => sample.videoLatencyP99Ms),
      ],
    }),
    lineChart({
      title: "Loss",
      unit: "% of packets",
      marks,
      series: [over("lost", ({ lossPercent }) => lossPercent)],
    }),
    lineChart({
      title: "Keys",
      unit: "%",
      marks,
      series: [
        over("members with the newest keys", ({ epochConvergence }) => epochConvergence * 100),
      ],
    }),
    lineChart({
      title: "Processors",
      unit: "% of a core",
      marks,
      series: [
        over("generator", ({ generatorCores }) => generatorCores * 100),
        over("signaling", ({ serverCores }) => (serverCores === null ? null : serverCores * 100)),
        ...workerSeries,
      ],
    }),
    lineChart({
      title: "Media workers' processor a participant",
      unit: "% of a core",
      marks,
      series: [
        over("per participant", ({ workerCores, joined }) =>
          workerCores === null || joined === 0 ? null : (workerCores * 100) / joined,
        ),
      ],
    }),
    lineChart({
      title: "Memory",
      unit: "MB",
      marks,
      series: [
        over("generator", ({ generatorMemoryMb }) => generatorMemoryMb),
        over("signaling", ({ serverMemoryMb }) => serverMemoryMb),
      ],
    }),
    lineChart({
      title: "Packets",
      unit: "1/s",
      marks,
      series: [
        over("received by participants", ({ packetsInPerS }) => packetsInPerS),
        over("sent by participants", ({ packetsOutPerS }) => packetsOutPerS),
      ],
    }),
  ].join("");
}

/** How things went, size by size, of a run that grows. */
export function plotsBySize(stages: readonly Stage[]): string {
  const by = (name: string, read: (stage: Stage) => number | undefined): Series => ({
    name,
    points: stages.map((stage) => [stage.participants, read(stage) ?? null]),
  });
  return [
    lineChart({
      title: "One-way latency at 99 %, by size",
      unit: "ms",
      xText: numberText,
      series: [
        by("audio", ({ figures }) => figures.audioLatencyP99Ms),
        by("video", ({ figures }) => figures.videoLatencyP99Ms),
      ],
    }),
    lineChart({
      title: "Busiest process, by size",
      unit: "% of a core",
      xText: numberText,
      series: [
        by("busiest", ({ busiest }) => (busiest === null ? undefined : busiest.cores * 100)),
      ],
    }),
  ].join("");
}

/** How things are spread. */
export function distributionPlots({ histograms, samples }: RunResult): string {
  const chart = (title: string, names: readonly (readonly [HistogramName, string])[]) =>
    distributionChart(
      title,
      names.map(([name, label]) => ({
        name: label,
        points: Histogram.from(histograms[name])
          .cumulative()
          .map(({ value, share }) => ({ value: value / 1_000, share })),
      })),
    );
  return [
    chart("Joining, by stage", [
      ["socket", "socket"],
      ["join", "room"],
      ["transport", "transports"],
      ["group", "keys"],
      ["joined", "in the call"],
    ]),
    chart("First frame", [
      ["firstAudio", "sound"],
      ["firstVideo", "picture"],
    ]),
    chart("One-way latency", [
      ["audioLatency", "audio"],
      ["videoLatency", "video"],
    ]),
    chart("Time between two sounds", [["audioGap", "audio"]]),
    chart("Freezes", [["freeze", "length of a freeze"]]),
    chart("Keys", [
      ["rekey", "new keys at all members"],
      ["exclusion", "a leaver shut out"],
    ]),
    chart("Recovery", [
      ["signalingRecovery", "signaling"],
      ["mediaRecovery", "media"],
    ]),
    overSeconds("Loss, by second", "lost", samples, ({ lossPercent }) => lossPercent),
    overSeconds(
      "Media workers' processor a participant, by second",
      "of a core",
      samples,
      ({ workerCores, joined }) =>
        workerCores === null || joined === 0 ? null : (workerCores * 100) / joined,
    ),
    chart("The generator itself", [
      ["generatorDelay", "sent too late"],
      ["receiveDelay", "taken too late"],
      ["loopDelay", "protocol answered too late"],
    ]),
  ].join("");
}

/** How a share in percent is spread over the seconds in which everybody was there. */
function overSeconds(
  title: string,
  name: string,
  samples: readonly Sample[],
  read: (sample: Sample) => number | null,
): string {
  const values = samples
    .filter(({ joined, target }) => joined === target && target > 0)
    .flatMap((sample) => read(sample) ?? [])
    .sort((one, other) => one - other);
  const points = values.map((value, index) => ({ value, share: (index + 1) / values.length }));
  return distributionChart(title, [{ name, points }], { unit: "%", isLogarithmic: false });
}
