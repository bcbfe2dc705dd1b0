import assert from "node:assert/strict";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../../src/lib/base64url.ts";
import { SeededRandom } from "../e2ee-group/seeded-random.ts";
import type { Faults } from "./bad-network.ts";
import { BadNetwork, GOOD_NETWORK } from "./bad-network.ts";
import { seedChance } from "./seeded-chance.ts";
import { SimClient } from "./sim-client.ts";
import { SimServer } from "./sim-server.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** How many things happen while the network is bad. */
  readonly steps: number;
  readonly maxMembers: number;
}

export interface SimulationResult {
  /** In the one group at the end, at this epoch. */
  readonly members: number;
  readonly epoch: number;
  /** Why the others' calls had ended. */
  readonly ends: readonly string[];
}

const BAD_NETWORK: Faults = { lost: 30, doubled: 50, maxDelayMs: 400 };
const MAX_PAUSE_MS = 3_000;
/** Longer than anybody waits for anybody: absent members are shut out after half a minute. */
const HEALING_MS = 600_000;

/**
 * A call on a network that loses, doubles, delays and reorders, with people who come, go, lose the
 * connection, renew keys, kick and lock, and servers that lose their memory. Afterwards, on a good
 * network, all who are there come to hold one epoch; whoever is out holds none of its keys.
 */
export async function runSimulation(options: SimulationOptions): Promise<SimulationResult> {
  const simulation = new Simulation(options);
  try {
    return await simulation.run();
  } finally {
    simulation.close();
  }
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #time = new VirtualTime();
  readonly #network: BadNetwork;
  readonly #endChance: () => void;
  readonly #clients: SimClient[] = [];
  #server: SimServer;
  #invitation = createInvitation();

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#endChance = seedChance(this.#random);
    this.#network = new BadNetwork(this.#time, this.#random, BAD_NETWORK);
    this.#server = new SimServer(this.#time);
  }

  async run(): Promise<SimulationResult> {
    this.#join();
    for (let step = 0; step < this.#options.steps; step += 1) {
      await this.#time.pass(this.#random.below(MAX_PAUSE_MS));
      this.#step();
    }
    this.#network.faults = GOOD_NETWORK;
    for (const client of this.#present) client.connect(this.#server);
    // Frames without a key, which somebody who missed a commit gets, make it ask.
    const stopAsking = this.#time.every(5_000, () => {
      for (const client of this.#present) void client.session.repair(false).catch(() => undefined);
    });
    await this.#time.pass(HEALING_MS, () => this.#agree());
    stopAsking();
    this.#assertOneGroup();
    return {
      members: this.#present.length,
      epoch: this.#present[0]?.last?.keys.epoch ?? 0,
      ends: this.#clients.flatMap(({ failure }) => failure ?? []),
    };
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.#time.close();
    this.#endChance();
  }

  get #present(): SimClient[] {
    return this.#clients.filter((client) => client.failure === undefined);
  }

  #step(): void {
    const present = this.#present;
    const someone = present.length === 0 ? undefined : this.#random.pick(present);
    const roll = this.#random.below(100);
    if (someone === undefined || (roll < 35 && present.length < this.#options.maxMembers)) {
      this.#join();
    } else if (roll < 50) void someone.leave();
    else if (roll < 70) this.#cut(someone);
    else if (roll < 85) someone.session.renew();
    else if (roll < 92) this.#kick(someone);
    else if (roll < 97) void someone.session.setLocked(this.#random.below(3) === 0).catch(ignore);
    else this.#restart();
  }

  /** By the newest link that anybody in the call has. */
  #join(): void {
    const insider = this.#present.find(({ last }) => last !== undefined);
    this.#invitation = insider?.session.invitation ?? this.#invitation;
    const client = new SimClient({
      participantId: toBase64Url(Uint8Array.from({ length: 16 }, () => this.#random.below(256))),
      server: this.#server,
      invitation: this.#invitation,
      time: this.#time,
      network: this.#network,
    });
    this.#clients.push(client);
    client.connect(this.#server);
  }

  #cut(client: SimClient): void {
    client.cut();
    this.#time.after(this.#random.below(8_000), () => client.connect(this.#server));
  }

  #kick(by: SimClient): void {
    const victim = this.#random.pick(this.#clients);
    if (victim !== by) void by.session.kick([victim.participantId]).catch(ignore);
  }

  /** A new server that has never heard of the room. */
  #restart(): void {
    this.#server = new SimServer(this.#time);
    for (const client of this.#present) this.#cut(client);
  }

  #agree(): boolean {
    const present = this.#present;
    const ids = present.map((client) => client.participantId).sort();
    return present.every(
      (client) =>
        client.connected &&
        client.key === present[0]?.key &&
        client.roster.length === ids.length &&
        client.roster.every((id, index) => id === ids[index]),
    );
  }

  #assertOneGroup(): void {
    const present = this.#present;
    const ids = present.map((client) => client.participantId);
    assert(this.#agree(), `no one group of ${ids.length}: ${present.map(describe).join("; ")}`);
    const key = present[0]?.key;
    if (key === undefined) return;
    for (const client of this.#clients) {
      if (!present.includes(client)) assert(!client.keys.has(key), "who is out holds no key");
    }
  }
}

function describe({ participantId, connected, roster, session }: SimClient): string {
  const at = `epoch ${session.position?.epoch ?? "none"} ${session.position?.tag.slice(0, 4) ?? ""}`;
  return `${participantId.slice(0, 4)} ${connected ? at : "away"} with ${roster.length}`;
}

function ignore(): void {
  // Whoever was asked may be gone by then.
}
