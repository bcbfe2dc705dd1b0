/** The way that a transport's media takes now. */
export interface TransportPath {
  readonly relayed: boolean;
  /** How the relay is reached, or the server where there is none. */
  readonly protocol: "udp" | "tcp" | "tls" | "unknown";
  /** Packets that have come over it so far, answers to ICE's own checks included. */
  readonly packets: number;
}

const PROTOCOLS = ["udp", "tcp", "tls"] as const;

/** Undefined while there is none. Reads the statistics of W3C webrtc-stats. */
export function pathOf(report: RTCStatsReport): TransportPath | undefined {
  const entries = new Map<unknown, Readonly<Record<string, unknown>>>();
  report.forEach((entry: Readonly<Record<string, unknown>>) => {
    entries.set(entry["id"], entry);
  });
  const pair = selectedPair(entries);
  const local = entries.get(pair?.["localCandidateId"]);
  if (pair === undefined || local === undefined) return undefined;
  const relayed = local["candidateType"] === "relay";
  const named = relayed ? local["relayProtocol"] : local["protocol"];
  return {
    relayed,
    protocol: PROTOCOLS.find((protocol) => protocol === named) ?? "unknown",
    packets: countOf(pair, "packetsReceived") + countOf(pair, "responsesReceived"),
  };
}

/** Chromium names it in the transport's entry, Firefox marks the pair itself. */
function selectedPair(
  entries: ReadonlyMap<unknown, Readonly<Record<string, unknown>>>,
): Readonly<Record<string, unknown>> | undefined {
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

function countOf(entry: Readonly<Record<string, unknown>>, name: string): number {
  const value = entry[name];
  return typeof value === "number" ? value : 0;
}
