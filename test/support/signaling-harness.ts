import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/observability/index.ts";
import type {
  ClientRequestInput,
  ClientRequestOutput,
  ErrorCode,
  IceServer,
  NotificationPayload,
} from "../../src/protocol/index.ts";
import { ProtocolError } from "../../src/protocol/index.ts";
import type { SignalingMetrics } from "../../src/signaling/signaling-metrics.ts";
import { NO_METRICS } from "../../src/signaling/signaling-metrics.ts";
import type { SignalingOptions } from "../../src/signaling/signaling-options.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";
import { SignalingServer } from "../../src/signaling/signaling-server.ts";
import type { ManualClock } from "./manual-clock.ts";
import type { ProtocolClientOptions } from "./protocol-client.ts";
import { ProtocolClient, randomId } from "./protocol-client.ts";
import { MemorySfu } from "./signaling-sfu.ts";

const CLOSE_FLUSH_MS = 20;
const REGIONS = ["home", "abroad"];

function turnAt(region: string, username: string): IceServer {
  return { urls: [`turn:${region}.test`], username, credential: "c" };
}

export interface HarnessOptions {
  readonly options?: Partial<SignalingOptions>;
  /** Time passes by itself unless given. */
  readonly clock?: ManualClock;
  readonly metrics?: Partial<SignalingMetrics>;
}

/** A signaling server on a free loopback port, with an SFU in memory, until the test is over. */
export class SignalingHarness {
  readonly sfu = new MemorySfu();
  readonly server: SignalingServer;
  readonly #http = createServer((_request, response) => response.writeHead(404).end());
  readonly #clients: ProtocolClient[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #clock: ManualClock | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ options, clock, metrics }: HarnessOptions) {
    this.#clock = clock;
    this.#http.on("connection", (socket) => this.#sockets.add(socket));
    this.server = new SignalingServer({
      httpServer: this.#http,
      sfu: this.sfu,
      ice: {
        regions: (id) => REGIONS.map((region) => ({ region, iceServers: [turnAt(region, id)] })),
      },
      options: { ...DEFAULT_SIGNALING_OPTIONS, closeFlushMs: CLOSE_FLUSH_MS, ...options },
      logger: silentLogger,
      clock: clock ?? systemClock,
      metrics: { ...NO_METRICS, ...metrics },
    });
  }

  static async start(t: TestContext, options: HarnessOptions = {}): Promise<SignalingHarness> {
    const harness = new SignalingHarness(options);
    t.after(() => harness.close());
    await harness.server.start();
    await new Promise<void>((resolve) => {
      harness.#http.listen(0, "127.0.0.1", resolve);
    });
    return harness;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async connect(options?: ProtocolClientOptions): Promise<ProtocolClient> {
    const client = await ProtocolClient.connect(this.url, options);
    this.#clients.push(client);
    return client;
  }

  /** Connects and joins. */
  async join(
    roomId: string,
    input: Partial<ClientRequestInput<"room:join">> = {},
  ): Promise<JoinedClient> {
    const client = await this.connect();
    const participantId = input.participantId ?? randomId();
    const answer = await client.request("room:join", { roomId, participantId, ...input });
    return { client, participantId, answer };
  }

  /** Once; the end of the test does it otherwise. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const client of this.#clients) client.close();
    const closing = this.server.close("test is over");
    this.#clock?.advance(CLOSE_FLUSH_MS);
    await closing;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

export interface JoinedClient {
  readonly client: ProtocolClient;
  readonly participantId: string;
  readonly answer: ClientRequestOutput<"room:join">;
}

/** A transport of each direction for a client. */
export async function openTransports(client: ProtocolClient) {
  const send = await client.request("transport:create", { direction: "send" });
  const receive = await client.request("transport:create", { direction: "receive" });
  return {
    sendId: send.transport.transportId,
    receiveId: receive.transport.transportId,
  };
}

/** For `assert.rejects`: the error is the refusal with this code. */
export function refusedWith(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof ProtocolError && error.code === code;
}

export type Committed = NotificationPayload<"group:committed">;
