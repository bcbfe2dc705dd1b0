import type { EdgeRegion, IceServer } from "../../protocol/index.ts";

export interface ReachOptions {
  /** Whoever has not answered by then does not count as reached. */
  readonly withinMs: number;
  /** Tries TCP and TLS at once, for networks on which UDP is known not to pass. */
  readonly withoutUdp: boolean;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/**
 * How long it takes to get a relay in a region, in milliseconds; undefined when there is none to be
 * had. It is given back at once.
 */
export type ReachRelay = (region: EdgeRegion, options: ReachOptions) => Promise<number | undefined>;

/** TCP and TLS are tried when UDP has not answered by then: on most networks, never. */
const UDP_ALONE_MS = 400;

/**
 * Asks for a real relay (RFC 8656 section 7), which takes two round trips, rather than for a mere
 * STUN answer, which takes one: so a node that is full, drains or does not take our credential does
 * not count as healthy, and TCP and TLS are measured by the same means as UDP.
 */
export const reachRelay: ReachRelay = async ({ iceServers }, options) => {
  const startedMs = performance.now();
  const [byUdp, byOthers] = splitByTransport(iceServers);
  const udpFirst = byUdp.length > 0 && !options.withoutUdp;
  const attempts = [
    ...(udpFirst ? [gather(byUdp, 0, options)] : []),
    ...(byOthers.length > 0 ? [gather(byOthers, udpFirst ? UDP_ALONE_MS : 0, options)] : []),
  ];
  try {
    await Promise.any(attempts.map((attempt) => attempt.reached));
    return performance.now() - startedMs;
  } catch {
    return undefined;
  } finally {
    for (const attempt of attempts) attempt.end();
  }
};

interface Attempt {
  /** Rejects when no relay is to be had. */
  readonly reached: Promise<void>;
  end(): void;
}

function gather(iceServers: IceServer[], delayMs: number, options: ReachOptions): Attempt {
  let peer: RTCPeerConnection | undefined;
  const timers: ReturnType<typeof setTimeout>[] = [];
  const ended = new AbortController();
  const end = () => {
    ended.abort();
    for (const timer of timers) clearTimeout(timer);
    peer?.close();
  };
  const reached = new Promise<void>((resolve, reject) => {
    const fail = () => {
      reject(new Error("no relay"));
    };
    if (options.signal.aborted) fail();
    options.signal.addEventListener("abort", fail, { signal: ended.signal });
    const begin = async () => {
      peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
      peer.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate?.type === "relay") resolve();
      });
      peer.addEventListener("icegatheringstatechange", () => {
        if (peer?.iceGatheringState === "complete") fail();
      });
      peer.createDataChannel("");
      await peer.setLocalDescription();
    };
    timers.push(
      // A browser refuses more peers than it can bear.
      setTimeout(() => void begin().catch(fail), delayMs),
      setTimeout(fail, options.withinMs),
    );
  });
  return { reached, end };
}

/** The same servers twice: with their UDP URLs only, and with all the others. */
function splitByTransport(iceServers: readonly IceServer[]): [IceServer[], IceServer[]] {
  const withUrls = (fits: (url: string) => boolean) =>
    iceServers
      .map((server) => ({ ...server, urls: server.urls.filter(fits) }))
      .filter(({ urls }) => urls.length > 0);
  return [withUrls(isUdp), withUrls((url) => !isUdp(url))];
}

/** RFC 7065 section 3.1: without a transport, `turn:` means UDP. */
function isUdp(url: string): boolean {
  return url.startsWith("turn:") && !/[?&]transport=tcp$/.test(url);
}
