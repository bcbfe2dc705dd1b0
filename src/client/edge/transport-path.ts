/** The way that a transport's media takes now. */
export interface TransportPath {
  readonly relayed: boolean;
  /** How the relay is reached, or the server where there is none. */
  readonly protocol: "udp" | "tcp" | "tls" | "unknown";
  /** Grows with all that comes over it; by how much, each browser decides. */
  readonly received: number;
}

type StatsEntry = Readonly<Record<string, unknown>>;

/** Firefox counts no packets, and not every browser counts answers to ICE's checks. */
const RECEIVED = ["packetsReceived", "bytesReceived", "responsesReceived"] as const;
const PROTOCOLS = ["udp", "tcp", "tls"] as const;

/** Undefined while there is none. Reads the statistics of W3C webrtc-stats. */
export function pathOf(report: RTCStatsReport): TransportPath | undefined {
  const entries = entriesOf(report);
  const pair = pairIn(entries);
  const local = entries.get(pair?.["localCandidateId"]);
  if (pair === undefined || local === undefined) return undefined;
  const relayed = local["candidateType"] === "relay";
  const named = relayed ? local["relayProtocol"] : local["protocol"];
  return {
    relayed,
    protocol: PROTOCOLS.find((protocol) => protocol === named) ?? "unknown",
    received: RECEIVED.reduce((sum, name) => sum + countOf(pair, name), 0),
  };
}

/** The candidate pair that carries the transport's packets now (RTCIceCandidatePairStats). */
export function selectedPair(report: RTCStatsReport): StatsEntry | undefined {
  return pairIn(entriesOf(report));
}

function entriesOf(report: RTCStatsReport): ReadonlyMap<unknown, StatsEntry> {
  const entries = new Map<unknown, StatsEntry>();
  report.forEach((entry: StatsEntry) => {
    entries.set(entry["id"], entry);
  });
  return entries;
}

/** Chromium names it in the transport's entry, Firefox marks the pair itself. */
function pairIn(entries: ReadonlyMap<unknown, StatsEntry>): StatsEntry | undefined {
  for (const entry of entries.values()) {
    if (entry["type"] === "transport") {
      const pair = entries.get(entry["selectedCandidatePairId"]);
      if (pair !== undefined) return pair;
    }
  }
  return [...entries.values()].find(
    (entry) => entry["type"] === "candidate-pair" && entry["selected"] === true,
  );
}

function countOf(entry: StatsEntry, name: string): number {
  const value = entry[name];
  return typeof value === "number" ? value : 0;
}
