import type { Clock } from "../../lib/clock.ts";
import type { EdgeRegion, RegionName } from "../../protocol/index.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type { ReachRelay } from "./reach-relay.ts";
import type { RegionReach } from "./region-order.ts";
import { isWorthMoving, orderRegions } from "./region-order.ts";

export interface EdgeEvents {
  /** Relays are made in another region from now on. */
  "region:changed": { readonly region: RegionName };
}

export interface EdgeChoiceOptions {
  readonly reach: ReachRelay;
  readonly clock: Clock;
  /** Kept by whoever wants the next call of this page to know what this one has measured. */
  readonly known?: Map<string, RegionReach>;
}

/** What came of asking whether the region still answers. */
export type CheckOutcome =
  /** It does. */
  | "alive"
  /** It does not, others do: it was left. */
  | "left"
  /** Nothing answers: the fault is nearer. */
  | "nothing-answers";

/** How often each region is measured; the quickest time counts, since delays only add to it. */
const SAMPLES = 2;
const MEASURE_MS = 2_500;
const KNOWN_FOR_MS = 5 * 60_000;
/** A check of a region that is suspected ends after four times what reaching it usually takes. */
const CHECK_FACTOR = 4;
const CHECK_MIN_MS = 400;
const CHECK_MAX_MS = 900;
/** The others have longer: a late answer is better than none. */
const OTHERS_MS = 2_000;
/** When a region that stopped answering is measured again, before which it is not gone back to. */
const LEFT_FOR_MS = 60_000;

/**
 * Which region this client is relayed through: the nearest one that answers. Regions are measured
 * side by side, as soon as they are known and again after a change of the network.
 */
export class EdgeChoice {
  readonly events = new Emitter<EdgeEvents>();
  readonly #options: EdgeChoiceOptions;
  readonly #scope: Scope;
  readonly #abort = new AbortController();
  readonly #known: Map<string, RegionReach>;
  /** Regions that stopped answering, until they are measured again. */
  readonly #left = new Set<RegionName>();
  #regions: readonly EdgeRegion[] = [];
  #current: RegionName | undefined;
  #measuring: Promise<void> | undefined;
  #checking: Promise<CheckOutcome> | undefined;

  constructor(options: EdgeChoiceOptions) {
    this.#options = options;
    this.#scope = new Scope("choice of regions", options.clock);
    this.#known = options.known ?? new Map<string, RegionReach>();
    this.#scope.add(() => {
      this.#abort.abort();
    });
  }

  /** Undefined while no region is known, and where nothing relays. */
  get current(): RegionName | undefined {
    return this.#current;
  }

  /** The nearest first. */
  get order(): readonly RegionName[] {
    return orderRegions(this.#regions, this.#reachByRegion(), this.#left);
  }

  /** What the server says of its regions, whose credentials expire. */
  refresh(regions: readonly EdgeRegion[]): void {
    this.#regions = regions;
    this.#choose();
  }

  /** As `refresh`, and measures them unless all were measured a short time ago. */
  async learn(regions: readonly EdgeRegion[]): Promise<void> {
    this.refresh(regions);
    const now = this.#options.clock.now();
    const reach = this.#reachByRegion();
    const isKnown = ({ region }: EdgeRegion) => {
      const known = reach.get(region);
      return known?.reachMs !== undefined && known.atMs > now - KNOWN_FOR_MS;
    };
    if (!regions.every(isKnown)) await this.measure();
  }

  /** Measures all regions. Whoever asks meanwhile waits for the same. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measureAll().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  /** Resolves when the measurement that runs is done, or after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    if (this.#measuring === undefined) return;
    const patience = new Promise<void>((resolve) => {
      this.#scope.after(withinMs, resolve);
    });
    await Promise.race([this.#measuring, patience]);
  }

  /**
   * Asks all regions at once, when the current one is suspected to be gone. When it stays silent and
   * another one answers, it is left. `withoutUdp`: the relay that is suspected was reached by TCP.
   */
  check(withoutUdp = false): Promise<CheckOutcome> {
    this.#checking ??= this.#checkAll(withoutUdp).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.events.removeAllListeners();
  }

  async #measureAll(): Promise<void> {
    // There is nothing to choose from.
    if (this.#regions.length < 2) return;
    const { reach } = this.#options;
    const options = { withinMs: MEASURE_MS, withoutUdp: false, signal: this.#abort.signal };
    await Promise.all(
      this.#regions.map(async (region) => {
        let best: number | undefined;
        for (let sample = 0; sample < SAMPLES; sample += 1) {
          const reachMs = await reach(region, options);
          if (this.#scope.ended) return;
          if (reachMs === undefined) break;
          best = Math.min(best ?? Infinity, reachMs);
        }
        this.#note(region, best);
        if (best !== undefined) this.#left.delete(region.region);
      }),
    );
    if (!this.#scope.ended) this.#choose();
  }

  async #checkAll(withoutUdp: boolean): Promise<CheckOutcome> {
    const suspect = this.#current;
    const decided = new AbortController();
    const release = this.#scope.add(() => {
      decided.abort();
    });
    const { signal } = decided;
    const answered = new Set<RegionName>();
    const ask = async (region: EdgeRegion): Promise<boolean> => {
      const withinMs = region.region === suspect ? this.#suspectMs(region) : OTHERS_MS;
      const options = { withinMs, withoutUdp, signal };
      const answers = (await this.#options.reach(region, options)) !== undefined;
      if (answers) answered.add(region.region);
      return answers;
    };
    const asked = new Map(this.#regions.map((region) => [region.region, ask(region)]));
    // As long as the suspect may still answer, nothing is decided by the answer of another one.
    const isAlive = suspect !== undefined && (await asked.get(suspect)) === true;
    if (!isAlive) await oneHolds([...asked.values()]);
    decided.abort();
    release();
    if (isAlive) return "alive";
    if (this.#scope.ended || suspect === undefined) return "nothing-answers";
    return this.#leave(suspect, answered);
  }

  #leave(suspect: RegionName, answered: ReadonlySet<RegionName>): CheckOutcome {
    const next = this.order.find((region) => answered.has(region));
    if (next === undefined) return "nothing-answers";
    this.#left.add(suspect);
    this.#change(next);
    this.#scope.after(LEFT_FOR_MS, () => void this.measure());
    return "left";
  }

  #suspectMs({ region }: EdgeRegion): number {
    const usualMs = this.#reachByRegion().get(region)?.reachMs ?? Infinity;
    return Math.min(CHECK_MAX_MS, Math.max(CHECK_MIN_MS, usualMs * CHECK_FACTOR));
  }

  /** Goes to the nearest region, unless the one that is used now is nearly as near. */
  #choose(): void {
    const [nearest] = this.order;
    const current = this.#current;
    const isThere = this.#regions.some(({ region }) => region === current);
    if (nearest === undefined || !isThere || current === undefined || this.#left.has(current)) {
      this.#change(nearest);
      return;
    }
    const reach = this.#reachByRegion();
    if (isWorthMoving(reach.get(current), reach.get(nearest))) this.#change(nearest);
  }

  #change(region: RegionName | undefined): void {
    if (region === this.#current) return;
    this.#current = region;
    if (region !== undefined) this.events.emit("region:changed", { region });
  }

  #note(region: EdgeRegion, reachMs: number | undefined): void {
    this.#known.set(keyOf(region), { reachMs, atMs: this.#options.clock.now() });
  }

  #reachByRegion(): Map<RegionName, RegionReach> {
    const reach = new Map<RegionName, RegionReach>();
    for (const region of this.#regions) {
      const known = this.#known.get(keyOf(region));
      if (known !== undefined) reach.set(region.region, known);
    }
    return reach;
  }
}

/** Resolves when one of them has come true, or none has. */
async function oneHolds(asked: readonly Promise<boolean>[]): Promise<void> {
  const held = asked.map(async (answer) => {
    if (!(await answer)) throw new Error("no");
  });
  await Promise.any(held).catch(() => undefined);
}

/** By the nodes themselves: another deployment may use the same names. */
function keyOf({ iceServers }: EdgeRegion): string {
  return iceServers.flatMap(({ urls }) => urls).join(" ");
}
