import type { Metrics } from "../../observability/index.ts";
import type { TurnEngine } from "../../turn/turn-engine.ts";

/** Figures of the relay, by reason where there are several. */
export function exportTurnMetrics(metrics: Metrics, engine: Pick<TurnEngine, "stats">): void {
  metrics.gauge("aparte_turn_up", "Whether the relay runs.", () =>
    engine.stats().running ? 1 : 0,
  );
  metrics.gauge(
    "aparte_turn_restarts",
    "Times that the relay died and was started again.",
    () => engine.stats().restarts,
  );
  const by = (
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
  ) => {
    metrics.gaugeBy(`aparte_turn_${name}`, help, label, () => Object.entries(read()));
  };
  by("current", "What the relay holds now.", "what", () => engine.stats().gauges);
  by("count", "What the relay has done since its start.", "what", () => engine.stats().totals);
  by("refusals", "Requests refused since the start.", "reason", () => engine.stats().refusals);
  by("drops", "Packets dropped since the start.", "reason", () => engine.stats().drops);
  by(
    "peer_refusals",
    "Peers refused since the start.",
    "reason",
    () => engine.stats().peerRefusals,
  );
}
