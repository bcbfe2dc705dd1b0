import type { HistogramName } from "../report/run-result.ts";
import { HISTOGRAMS } from "../report/run-result.ts";
import type { HistogramData } from "../statistics/histogram.ts";
import { Histogram } from "../statistics/histogram.ts";

type ByName<Value> = Readonly<Record<HistogramName, Value>>;

export function createHistograms(): ByName<Histogram> {
  return byName(() => new Histogram());
}

export function histogramData(histograms: ByName<Histogram>): ByName<HistogramData> {
  return byName((name) => histograms[name].toJSON());
}

function byName<Value>(make: (name: HistogramName) => Value): ByName<Value> {
  const made: Partial<Record<HistogramName, Value>> = {};
  for (const name of HISTOGRAMS) made[name] = make(name);
  if (!isComplete(made)) throw new RangeError("a name is missing");
  return made;
}

function isComplete<Value>(
  made: Partial<Record<HistogramName, Value>>,
): made is Record<HistogramName, Value> {
  return HISTOGRAMS.every((name) => Object.hasOwn(made, name));
}
