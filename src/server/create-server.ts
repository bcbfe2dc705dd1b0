import type { Config, Secret } from "../config/index.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "../observability/index.ts";
import { Health, loggableError, loggableOwnText, Metrics } from "../observability/index.ts";
import type { Sfu } from "../sfu/index.ts";
import type { SfuControl } from "../signaling/ports.ts";
import { SignalingServer } from "../signaling/signaling-server.ts";
import { createAdminServer } from "./admin-server.ts";
import type { Certificate } from "./certificate/certificate.ts";
import { ServerCertificate } from "./certificate/server-certificate.ts";
import { ClosingStack } from "./closing-stack.ts";
import { listen } from "./listen.ts";
import { type RelayPlan, TurnIceServers } from "./media/ice-servers.ts";
import { type MediaAddress, mediaAddresses } from "./media/media-addresses.ts";
import { startSfu } from "./media/start-sfu.ts";
import { type RunningTurn, startTurn, turnCertificate, turnSecrets } from "./media/start-turn.ts";
import { turnPlaces } from "./media/turn-place.ts";
import { exportSfuMetrics } from "./metrics/sfu-metrics.ts";
import { countSignaling, exportSignalingGauges } from "./metrics/signaling-metrics.ts";
import { exportTurnMetrics } from "./metrics/turn-metrics.ts";
import { originAt, type Origins, originsOf } from "./origins.ts";
import { pageListener } from "./page.ts";
import { securityHeaders } from "./security-headers.ts";
import { signalingOptions } from "./signaling-options.ts";
import { createWebServer, stopListening } from "./web-server.ts";

export interface ServerContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface RunningServer {
  /** Undefined without the role `signaling`. */
  readonly origins: Origins | undefined;
  /** The port that was bound. Undefined without the role `signaling`. */
  readonly httpPort: number | undefined;
  readonly adminOrigin: string;
  /** Undefined without TLS. */
  readonly certificate: Certificate | undefined;
  readonly health: Health;
  /** Reads the certificate's files again; connections that stand keep theirs. */
  reloadCertificate(): Promise<void>;
  /**
   * Takes over what may change while it runs (`RELOADED_SETTINGS`). The relay accepts the new
   * secrets from now on, and clients that ask are told of the new relays.
   */
  useConfig(config: Config): void;
  /**
   * Lets the relays of a process that only relays come to an end, and refuses new ones, for
   * `turn.drainMs` at most. Elsewhere calls end with the process anyway. Never rejects.
   */
  drain(): Promise<void>;
  /** Tells the clients, and closes everything in the reverse order of the start. Never rejects. */
  close(reason: string): Promise<void>;
}

/**
 * Starts what the roles say: the SFU, the relay, signaling and the page, and the listener for
 * health and metrics. Rejects with `StartError` when something can't be, and then nothing is left
 * open.
 */
export async function createServer(context: ServerContext): Promise<RunningServer> {
  const server = new Composition(context);
  try {
    await server.start();
  } catch (error) {
    await server.close("start-failed");
    throw error;
  }
  return server;
}

class Composition implements RunningServer {
  readonly health = new Health();
  #config: Config;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #metrics = new Metrics();
  readonly #open: ClosingStack;
  readonly #certificate: ServerCertificate;
  #state: "starting" | "running" | "draining" | "closing" = "starting";
  #turn: RunningTurn | undefined;
  #turnSecrets: readonly Secret[];
  #iceServers: TurnIceServers | undefined;
  #origins: Origins | undefined;
  #httpPort: number | undefined;
  #adminOrigin = "";
  #closeReason = "";

  constructor({ config, logger, clock = systemClock }: ServerContext) {
    this.#config = config;
    this.#logger = logger;
    this.#clock = clock;
    this.#turnSecrets = turnSecrets(config);
    this.#certificate = new ServerCertificate(config, clock);
    this.#open = new ClosingStack((what, error) => {
      logger.error({ what: loggableOwnText(what), error: loggableError(error) }, "close failed");
    });
  }

  get origins(): Origins | undefined {
    return this.#origins;
  }

  get httpPort(): number | undefined {
    return this.#httpPort;
  }

  get adminOrigin(): string {
    return this.#adminOrigin;
  }

  get certificate(): Certificate | undefined {
    return this.#certificate.current;
  }

  async start(): Promise<void> {
    const { roles } = this.#config;
    await this.#certificate.load();
    await this.#startAdmin();
    const media = mediaAddresses(this.#config);
    const sfu = roles.includes("sfu") ? await this.#startSfu(media) : undefined;
    if (roles.includes("turn")) await this.#startTurn(media, sfu);
    if (roles.includes("signaling") && sfu !== undefined) await this.#startSignaling(sfu);
    this.#state = "running";
  }

  async reloadCertificate(): Promise<void> {
    await this.#certificate.reload();
    const { current } = this.#certificate;
    if (current !== undefined) this.#turn?.engine.useCertificate(turnCertificate(current));
  }

  useConfig(config: Config): void {
    const { publicHost, secrets, edges, edgeSecrets, credentialLifetimeMs } = config.turn;
    const reloaded = { publicHost, secrets, edges, edgeSecrets, credentialLifetimeMs };
    this.#config = { ...this.#config, turn: { ...this.#config.turn, ...reloaded } };
    if (secrets !== undefined) {
      this.#turnSecrets = secrets;
      this.#turn?.engine.useSecrets(secrets.map((secret) => secret.reveal()));
    }
    this.#iceServers?.use(this.#relayPlan());
  }

  async drain(): Promise<void> {
    const { roles, turn } = this.#config;
    const engine = this.#turn?.engine;
    if (engine === undefined || turn.drainMs === 0 || roles.includes("sfu")) return;
    this.#state = "draining";
    const { allocations } = engine.stats().gauges;
    this.#logger.info({ allocations }, "relay drains");
    const { remaining } = await engine.drain({ deadlineMs: turn.drainMs });
    this.#logger.info({ remaining }, "relay drained");
  }

  close(reason: string): Promise<void> {
    this.#state = "closing";
    this.#closeReason ||= reason;
    return this.#open.close();
  }

  async #startAdmin(): Promise<void> {
    this.#metrics.collectProcess();
    this.health.addReadiness("service", () =>
      this.#state === "running" ? undefined : this.#state,
    );
    const server = createAdminServer(this.health, this.#metrics);
    const { host, port } = this.#config.admin;
    const bound = await listen(server, { host, port, section: "admin" });
    this.#open.add("admin", () => stopListening(server));
    this.#adminOrigin = originAt("http", host, bound);
  }

  async #startSfu(media: readonly MediaAddress[]): Promise<Sfu> {
    const sfu = await startSfu(this.#config, media, this.#logger.child({ part: "sfu" }));
    this.#open.add("sfu", () => sfu.close());
    exportSfuMetrics(this.#metrics, sfu);
    this.health.addReadiness("sfu", () =>
      sfu.stats().workersAlive > 0 ? undefined : "no media worker runs",
    );
    return sfu;
  }

  async #startTurn(media: readonly MediaAddress[], sfu: Sfu | undefined): Promise<void> {
    const turn = await startTurn({
      config: this.#config,
      media,
      mediaPorts: sfu?.mediaPorts() ?? [],
      secrets: this.#turnSecrets,
      certificate: this.#certificate.current,
    });
    this.#turn = turn;
    this.#open.add("turn", () => turn.engine.close(this.#closeReason));
    exportTurnMetrics(this.#metrics, turn.engine);
    const logger = this.#logger.child({ part: "turn" });
    turn.engine.events.on("engine:died", ({ reason, restartInMs }) => {
      logger.error({ reason: loggableError(reason), restartInMs }, "relay died");
    });
    turn.engine.events.on("engine:restarted", () => {
      logger.info("relay serves again");
    });
  }

  #relayPlan(): RelayPlan {
    return {
      places: turnPlaces(this.#config, this.#turn, this.#turnSecrets),
      credentialLifetimeMs: this.#config.turn.credentialLifetimeMs,
    };
  }

  async #startSignaling(sfu: SfuControl): Promise<void> {
    const config = this.#config;
    this.#iceServers = new TurnIceServers(this.#relayPlan(), this.#clock);
    const httpServer = createWebServer(config, this.#pageListener(), this.#certificate.current);
    const signaling = new SignalingServer({
      httpServer,
      sfu,
      ice: this.#iceServers,
      options: signalingOptions(config),
      logger: this.#logger.child({ part: "signaling" }),
      clock: this.#clock,
      metrics: countSignaling(this.#metrics),
    });
    await signaling.start();
    this.#open.add("http", () => stopListening(httpServer));
    this.#open.add("signaling", () => signaling.close(this.#closeReason));
    exportSignalingGauges(this.#metrics, signaling);
    this.#certificate.serve(httpServer);
    const { host, port } = config.http;
    this.#httpPort = await listen(httpServer, { host, port, section: "http" });
    this.#origins = originsOf(config, this.#httpPort);
  }

  #pageListener(): ReturnType<typeof pageListener> {
    const { http, tls } = this.#config;
    const { publicUrl } = http;
    const headers = securityHeaders({
      strictTransport:
        !tls.development &&
        (tls.certificateFile !== undefined || publicUrl?.startsWith("https:") === true),
      connectTo: publicUrl === undefined ? [] : [publicUrl.replace(/^http/, "ws")],
    });
    return pageListener(headers, http.pageDirectory);
  }
}
