/** Counters of one page's connections, summed up. Those of W3C's webrtc-stats. */
export interface PeerCounters {
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly framesDecoded: number;
  readonly freezeCount: number;
  /** Seconds, and by how many frames or samples they are to be divided. */
  readonly jitterBufferDelay: number;
  readonly jitterBufferEmitted: number;
  /** Received videos. */
  readonly videos: number;
}

const PEERS = "__loadtestPeers";

/**
 * Runs in a page before its own scripts do: keeps hold of each connection that they make, so that it
 * can be asked for its counters.
 */
export function installPeerProbe(name: string): void {
  const peers: RTCPeerConnection[] = [];
  Reflect.set(globalThis, name, peers);
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  };
}

/** Runs in the page. */
export async function readPeerCounters(name: string): Promise<PeerCounters> {
  const peers: unknown = Reflect.get(globalThis, name);
  const sums = {
    packetsReceived: 0,
    packetsLost: 0,
    framesDecoded: 0,
    freezeCount: 0,
    jitterBufferDelay: 0,
    jitterBufferEmitted: 0,
    videos: 0,
  };
  if (!Array.isArray(peers)) return sums;
  for (const peer of peers) {
    if (!(peer instanceof RTCPeerConnection)) continue;
    for (const [, report] of await peer.getStats()) {
      const stats: Record<string, unknown> = { ...report };
      if (stats["type"] !== "inbound-rtp") continue;
      const number = (key: string) => (typeof stats[key] === "number" ? stats[key] : 0);
      sums.packetsReceived += number("packetsReceived");
      sums.packetsLost += number("packetsLost");
      sums.framesDecoded += number("framesDecoded");
      sums.freezeCount += number("freezeCount");
      sums.jitterBufferDelay += number("jitterBufferDelay");
      sums.jitterBufferEmitted += number("jitterBufferEmittedCount");
      if (stats["kind"] === "video" && number("framesDecoded") > 0) sums.videos += 1;
    }
  }
  return sums;
}

export const PEER_PROBE = PEERS;
