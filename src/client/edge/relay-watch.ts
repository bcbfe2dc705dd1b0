import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { CheckOutcome, EdgeChoice } from "./edge-choice.ts";
import { SilenceMeter } from "./silence-meter.ts";
import type { TransportPath } from "./transport-path.ts";

/** A transport, as far as its relay is concerned. */
export interface RelayedTransport {
  /** May use nothing but relays. */
  readonly relayOnly: boolean;
  /** How long it has been without a connection that it wants, in milliseconds; 0 when it has one. */
  readonly strandedMs: number;
  /** Undefined while it has none. */
  path(): Promise<TransportPath | undefined>;
  restartIce(): Promise<void>;
}

export interface RelayWatchOptions {
  readonly edges: EdgeChoice;
  readonly clock: Clock;
  /** Those that there are now. */
  readonly transports: () => readonly RelayedTransport[];
}

const READ_MS = 200;
/** Reading statistics costs time: a path that is not relayed is looked at less often. */
const DIRECT_READ_MS = 2_000;
/** At these readings of one silence the region is asked: a call may well be silent for long. */
const CHECKED_AT: ReadonlySet<number> = new Set([3, 8, 16]);
const FORGOTTEN_AT = 8;
/** A relay that drains carries on, and gives out nothing: it is left before it ends. */
const MEASURE_MS = 5 * 60_000;
/** No region needs as long as that to connect anybody. */
const STRANDED_MS = 1_500;
const STRANDED_CHECK_MS = 2_000;

/**
 * Sees to it that a call does not stay with a relay that is gone. Browsers take several seconds to
 * notice; here a stream that was steady and stops for half a second has the region asked, and
 * another one taken if it does not answer.
 */
export class RelayWatch {
  readonly #options: RelayWatchOptions;
  readonly #scope: Scope;
  readonly #meter = new SilenceMeter();
  #lastPaths: readonly TransportPath[] = [];
  #reading = false;
  #nextReadMs = 0;
  #nextStrandedCheckMs = 0;

  constructor(options: RelayWatchOptions) {
    this.#options = options;
    this.#scope = new Scope("relay watch", options.clock);
    this.#scope.every(READ_MS, () => void this.#read());
    this.#scope.every(MEASURE_MS, () => {
      if (this.#lastPaths.some(isRelayed)) void options.edges.measure();
    });
    this.#scope.add(
      options.edges.events.on("region:changed", () => {
        void this.#move();
      }),
    );
  }

  close(): void {
    this.#scope.end("closed");
  }

  /**
   * A transport has lost its way. If that was a relay, and the relay answers, it has forgotten us:
   * then a new one is made there.
   */
  async suspect(): Promise<void> {
    const paths = await this.#paths();
    if (this.#scope.ended || !paths.some(isRelayed)) return;
    if ((await this.#check(paths)) === "alive") await this.#restart();
  }

  async #read(): Promise<void> {
    const { clock, edges } = this.#options;
    if (this.#reading || edges.current === undefined || clock.now() < this.#nextReadMs) return;
    this.#reading = true;
    try {
      const paths = await this.#paths();
      if (this.#scope.ended) return;
      const relayed = paths.filter(isRelayed);
      if (relayed.length === 0) this.#meter.reset();
      else this.#meter.read(relayed.reduce((sum, { received }) => sum + received, 0));
      const { silentReadings } = this.#meter;
      if (CHECKED_AT.has(silentReadings) || this.#isStranded()) {
        const outcome = await this.#check(paths);
        // Another node of the region may have answered, or the same one after a restart.
        if (outcome === "alive" && silentReadings >= FORGOTTEN_AT) await this.#restart();
      }
      if (this.#isDirect(paths)) this.#nextReadMs = clock.now() + DIRECT_READ_MS;
    } finally {
      this.#reading = false;
    }
  }

  /**
   * True where every transport is known to do without a relay. One that is still on its way may need
   * one, and a relay may fail as soon as it is used.
   */
  #isDirect(paths: readonly TransportPath[]): boolean {
    const transports = this.#transports;
    if (transports.length === 0 || transports.some(({ relayOnly }) => relayOnly)) return false;
    return paths.length > 0 && !paths.some(isRelayed);
  }

  /** True now and then, for as long as a transport has no connection: a relay might have been it. */
  #isStranded(): boolean {
    const now = this.#options.clock.now();
    if (!this.#transports.some(isStranded) || now < this.#nextStrandedCheckMs) return false;
    this.#nextStrandedCheckMs = now + STRANDED_CHECK_MS;
    return true;
  }

  async #check(paths: readonly TransportPath[]): Promise<CheckOutcome> {
    const withoutUdp = paths.some((path) => path.relayed && path.protocol !== "udp");
    const outcome = await this.#options.edges.check(withoutUdp);
    if (outcome === "left") this.#meter.reset();
    return outcome;
  }

  /** Goes through the region that was chosen, where a relay is used or missed. */
  async #move(): Promise<void> {
    const paths = await this.#paths();
    if (this.#scope.ended) return;
    const needsRelay = this.#transports.some((each) => each.relayOnly || isStranded(each));
    if (needsRelay || paths.some(isRelayed)) await this.#restart();
  }

  async #restart(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.restartIce()));
  }

  /** The ways that media takes, or took last: of one that is lost, browsers may tell no more. */
  async #paths(): Promise<readonly TransportPath[]> {
    const paths = await Promise.all(this.#transports.map((transport) => transport.path()));
    const known = paths.filter((path) => path !== undefined);
    if (known.length > 0) this.#lastPaths = known;
    return this.#lastPaths;
  }

  get #transports(): readonly RelayedTransport[] {
    return this.#options.transports();
  }
}

function isStranded({ strandedMs }: RelayedTransport): boolean {
  return strandedMs >= STRANDED_MS;
}

function isRelayed({ relayed }: TransportPath): boolean {
  return relayed;
}
