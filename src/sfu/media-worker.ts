import { createWorker } from "mediasoup";
import type { types } from "mediasoup";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import type { CloseReason } from "./close-reason.ts";
import { ROUTER_CODECS } from "./codecs.ts";
import type { ResolvedSfuOptions } from "./sfu-options.ts";
import { SOCKET_BUFFERS } from "./socket-buffers.ts";
import { WorkerLoad } from "./worker-load.ts";

/** What the worker's process has used since it began. */
export interface WorkerUsage {
  readonly cpuMs: number;
  /** The most memory that it has ever held. */
  readonly maxRssBytes: number;
}

/** A port that a worker takes media on. */
export interface MediaPort {
  readonly ip: string;
  readonly protocol: "udp" | "tcp";
  readonly port: number;
}

const BEAT_PERIOD_MS = 5_000;
/** Beats that may stay unanswered before a worker is taken for stuck. */
const BEATS_TO_MISS = 3;
const END_WAIT_MS = 2_000;
/**
 * mediasoup's own default, and the bandwidth estimation of each receiver looked after every 25 ms, the
 * period that libwebrtc means it for. Without that it is every 5 ms, which costs a tenth of all
 * processor time at 25 receivers (docs/adr/0022) and serves a pacer that mediasoup doesn't use;
 * probes keep times of their own.
 */
const FIELD_TRIALS = "WebRTC-Bwe-AlrLimitedBackoff/Enabled/WebRTC-Pacer-MinPacketLimitMs/25/";

/**
 * One mediasoup worker process with one WebRtcServer: one UDP and one TCP port for each address.
 *
 * Owned by the WorkerPool, which closes it. It owns the process; routers are closed by their rooms
 * before or, when it died, right after it. It tells `died` once when the process ends by itself,
 * after mediasoup has let go of all that it carried. A process that no longer answers, for
 * instance because it loops, is killed, and so dies in the same way.
 */
export class MediaWorker {
  readonly index: number;
  readonly ports: readonly MediaPort[];
  readonly load = new WorkerLoad();
  readonly #worker: types.Worker;
  readonly #server: types.WebRtcServer;
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #events = new Emitter<{ died: { error: Error } }>();
  #usage: WorkerUsage = { cpuMs: 0, maxRssBytes: 0 };
  #missedBeats = 0;

  /**
   * Resolves when the process listens. Rejects when it cannot be started or a port is taken. `ports`
   * are those of the worker in whose place it comes.
   */
  static async create(
    index: number,
    options: ResolvedSfuOptions,
    ports: readonly MediaPort[] = [],
  ): Promise<MediaWorker> {
    const worker = await startProcess(options.workerBin);
    try {
      const server = await worker.createWebRtcServer({
        listenInfos: listenInfos(index, options, ports),
      });
      const mediaWorker = new MediaWorker(index, worker, server, await boundPorts(server), options);
      await mediaWorker.#beat();
      return mediaWorker;
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  constructor(
    index: number,
    worker: types.Worker,
    server: types.WebRtcServer,
    ports: readonly MediaPort[],
    { clock }: ResolvedSfuOptions,
  ) {
    this.index = index;
    this.ports = ports;
    this.#worker = worker;
    this.#server = server;
    this.#clock = clock;
    this.#scope = new Scope(`media worker ${index}`, clock);
    worker.on("died", (error) => {
      if (this.#scope.end("worker-died")) this.#events.emit("died", { error });
    });
    this.#scope.every(BEAT_PERIOD_MS, () => {
      this.#watch();
    });
  }

  get pid(): number {
    return this.#worker.pid;
  }

  get closed(): boolean {
    return this.#scope.ended || this.#worker.closed;
  }

  /** As of the last beat, at most five seconds ago. */
  get usage(): WorkerUsage {
    return this.#usage;
  }

  onDied(listener: (event: { error: Error }) => void): () => void {
    return this.#events.on("died", listener);
  }

  async createRouter(): Promise<types.Router> {
    this.#scope.assertOpen();
    return this.#worker.createRouter({ mediaCodecs: ROUTER_CODECS });
  }

  /** A transport on the ports of this worker; `router` must be one of this worker's. */
  async createWebRtcTransport(
    router: types.Router,
    initialAvailableOutgoingBitrate: number,
  ): Promise<types.WebRtcTransport> {
    this.#scope.assertOpen();
    return router.createWebRtcTransport({
      webRtcServer: this.#server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate,
    });
  }

  /** Resolves when the process has ended, or after two seconds, when it is killed. */
  async close(reason: CloseReason): Promise<void> {
    if (!this.#scope.end(reason)) return;
    const ended = new Promise<void>((resolve) => {
      if (this.#worker.subprocessClosed) resolve();
      else this.#worker.once("subprocessclose", resolve);
    });
    this.#worker.close();
    const cancelKill = this.#clock.after(END_WAIT_MS, () => {
      this.#kill();
    });
    await ended;
    cancelKill();
  }

  #watch(): void {
    if (this.#missedBeats >= BEATS_TO_MISS) {
      this.#kill();
      return;
    }
    this.#missedBeats += 1;
    // A failure means that the worker is going; `died` tells of it.
    this.#beat().catch(() => {});
  }

  async #beat(): Promise<void> {
    const usage = await this.#worker.getResourceUsage();
    this.#missedBeats = 0;
    this.#usage = {
      cpuMs: usage.ru_utime + usage.ru_stime,
      // getrusage counts in kilobytes on Linux, and libuv makes it the same elsewhere.
      maxRssBytes: usage.ru_maxrss * 1024,
    };
  }

  #kill(): void {
    try {
      process.kill(this.#worker.pid, "SIGKILL");
    } catch {
      // It ended between the last look and now.
    }
  }
}

/**
 * mediasoup closes its workers on SIGINT and SIGTERM by listeners of its own. That would cut all
 * media off before the clients have been told, so they are removed again: when to close is
 * decided by who owns the SFU. `createWorker` adds them before it first waits.
 */
async function startProcess(workerBin: string | undefined): Promise<types.Worker> {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const worker = createWorker({
    logLevel: "error",
    libwebrtcFieldTrials: FIELD_TRIALS,
    ...(workerBin === undefined ? {} : { workerBin }),
  });
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.removeListener(signal, listener);
    }
  }
  return worker;
}

async function boundPorts(server: types.WebRtcServer): Promise<MediaPort[]> {
  const { udpSockets, tcpServers } = await server.dump();
  return [
    ...udpSockets.map(({ ip, port }) => ({ ip, protocol: "udp" as const, port })),
    ...tcpServers.map(({ ip, port }) => ({ ip, protocol: "tcp" as const, port })),
  ];
}

function listenInfos(
  index: number,
  options: ResolvedSfuOptions,
  ports: readonly MediaPort[],
): types.TransportListenInfo[] {
  return options.listen.flatMap(({ ip, announcedAddress }) =>
    (["udp", "tcp"] as const).map((protocol) => {
      const before = ports.find((each) => each.ip === ip && each.protocol === protocol)?.port;
      const port = options.port === 0 ? before : options.port + index;
      return {
        protocol,
        ip,
        ...(protocol === "udp" ? SOCKET_BUFFERS : {}),
        ...(announcedAddress === undefined ? {} : { announcedAddress }),
        // Without a port the worker itself tries free ones.
        ...(port === undefined ? {} : { port }),
      };
    }),
  );
}
