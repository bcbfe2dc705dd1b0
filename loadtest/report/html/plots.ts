import { Histogram } from "../../statistics/histogram.ts";
import type { HistogramName, RunResult, Sample } from "../run-result.ts";
import type { Series } from "./chart.ts";
import { distributionChart, timeChart } from "./chart.ts";

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
    timeChart({
      title: "Participants",
      unit: "joined",
      marks,
      series: [
        over("joined", ({ joined }) => joined),
        over("target", ({ target }) => target, true),
      ],
    }),
    timeChart({
      title: "Media",
      unit: "Mbit/s",
      series: [
        over("received by participants", ({ megabitsInPerS }) => megabitsInPerS),
        over("sent by participants", ({ megabitsOutPerS }) => megabitsOutPerS),
      ],
    }),
    timeChart({
      title: "One-way latency, audio",
      unit: "ms",
      marks,
      series: [
        over("median", (sample) => sample.audioLatencyP50Ms),
        over("95 %", (sample) => sample.audioLatencyP95Ms),
        over("99 %", (sample) => sample.audioLatencyP99Ms),
      ],
    }),
    timeChart({
      title: "One-way latency, video",
      unit: "ms",
      marks,
      series: [
        over("median", (sample) => sample.videoLatencyP50Ms),
        over("95 %", (sample) => sample.videoLatencyP95Ms),
        over("99 %", (sample) => sample.videoLatencyP99Ms),
      ],
    }),
    timeChart({
      title: "Loss",
      unit: "% of packets",
      marks,
      series: [over("lost", ({ lossPercent }) => lossPercent)],
    }),
    timeChart({
      title: "Keys",
      unit: "%",
      series: [
        over("members with the newest keys", ({ epochConvergence }) => epochConvergence * 100),
      ],
    }),
    timeChart({
      title: "Processors",
      unit: "% of a core",
      series: [
        over("generator", ({ generatorCores }) => generatorCores * 100),
        over("signaling", ({ serverCores }) => (serverCores === null ? null : serverCores * 100)),
        ...workerSeries,
      ],
    }),
    timeChart({
      title: "Media workers' processor a participant",
      unit: "% of a core",
      series: [
        over("per participant", ({ workerCores, joined }) =>
          workerCores === null || joined === 0 ? null : (workerCores * 100) / joined,
        ),
      ],
    }),
    timeChart({
      title: "Memory",
      unit: "MB",
      series: [
        over("generator", ({ generatorMemoryMb }) => generatorMemoryMb),
        over("signaling", ({ serverMemoryMb }) => serverMemoryMb),
      ],
    }),
    timeChart({
      title: "Packets",
      unit: "1/s",
      series: [
        over("received by participants", ({ packetsInPerS }) => packetsInPerS),
        over("sent by participants", ({ packetsOutPerS }) => packetsOutPerS),
      ],
    }),
  ].join("");
}

/** How things are spread. */
export function distributionPlots({ histograms }: RunResult): string {
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
    chart("The generator itself", [
      ["generatorDelay", "sent too late"],
      ["receiveDelay", "taken too late"],
      ["loopDelay", "protocol answered too late"],
    ]),
  ].join("");
}
