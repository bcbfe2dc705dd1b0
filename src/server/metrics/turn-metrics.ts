import type { Metrics } from "../../observability/index.ts";
import type { TurnEngine } from "../../turn/turn-engine.ts";

/** Figures of the relay, by reason where there are several. docs/turn.md lists them. */
export function exportTurnMetrics(metrics: Metrics, engine: Pick<TurnEngine, "stats">): void {
  metrics.gauge("aparte_turn_up", "Whether the relay runs.", () =>
    engine.stats().running ? 1 : 0,
  );
  metrics.gaugeBy("aparte_turn_current", "What the relay holds now.", "what", () =>
    Object.entries(engine.stats().gauges),
  );
  metrics.total(
    "aparte_turn_restarts_total",
    "Times that the relay died and was started again.",
    () => engine.stats().restarts,
  );
  metrics.total(
    "aparte_turn_allocations_total",
    "Allocations that were made.",
    () => engine.stats().totals.allocationsCreated,
  );
  metrics.total(
    "aparte_turn_connections_refused_total",
    "Connections of TCP and TLS that were closed for being too many.",
    () => engine.stats().totals.connectionsRefused,
  );
  exportTraffic(metrics, engine);
  exportReasons(metrics, engine);
}

function exportTraffic(metrics: Metrics, engine: Pick<TurnEngine, "stats">): void {
  metrics.totalBy("aparte_turn_packets_total", "Packets relayed.", "direction", () => {
    const { totals } = engine.stats();
    return [
      ["from-clients", totals.packetsFromClients],
      ["to-clients", totals.packetsToClients],
    ];
  });
  metrics.totalBy("aparte_turn_bytes_total", "Payload relayed, in bytes.", "direction", () => {
    const { totals } = engine.stats();
    return [
      ["from-clients", totals.bytesFromClients],
      ["to-clients", totals.bytesToClients],
    ];
  });
}

function exportReasons(metrics: Metrics, engine: Pick<TurnEngine, "stats">): void {
  metrics.totalBy("aparte_turn_refusals_total", "Requests refused.", "reason", () =>
    Object.entries(engine.stats().refusals),
  );
  metrics.totalBy("aparte_turn_drops_total", "Packets dropped.", "reason", () =>
    Object.entries(engine.stats().drops),
  );
  metrics.totalBy("aparte_turn_peer_refusals_total", "Peers refused.", "reason", () =>
    Object.entries(engine.stats().peerRefusals),
  );
}
