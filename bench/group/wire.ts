import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { LabMember, LabServer } from "../../test/support/group-lab.ts";
import { MemorySfu } from "../../test/support/signaling-sfu.ts";
import { percentile } from "../support/percentile.ts";
import { SilentCrowd } from "./silent-crowd.ts";

const FULL_MEMBERS = 3;
const invitation = createInvitation();

/**
 * A call over real sockets to a real signaling server. Three members do all that the SDK does for the
 * group, in this thread. The others are connected and have their leaves, but don't compute: on one
 * machine they would only take the time that each has on a device of their own. They live in another
 * thread, for what they receive is not this one's work either.
 */
export class WireCall {
  readonly #server: LabServer;
  readonly #members: LabMember[] = [];
  readonly #silent: SilentCrowd;

  static async of(size: number): Promise<WireCall> {
    const server = await LabServer.start(new MemorySfu(), { connectionsPerAddress: 2_000 });
    const call = new WireCall(server, new SilentCrowd({ port: server.port, invitation }));
    while (call.#members.length < FULL_MEMBERS) await call.join();
    while (call.size < size) {
      await call.#silent.enter(Math.min(100, size - call.size));
    }
    return call;
  }

  private constructor(server: LabServer, silent: SilentCrowd) {
    this.#server = server;
    this.#silent = silent;
  }

  get size(): number {
    return this.#members.length + this.#silent.size;
  }

  /** A full member comes; returns the time from its first packet until it holds the keys, in ms. */
  async join(): Promise<number> {
    const member = new LabMember(this.#server.port, invitation);
    const startMs = performance.now();
    await member.join();
    const tookMs = performance.now() - startMs;
    this.#members.push(member);
    return tookMs;
  }

  /** The latest full member goes. */
  async leave(): Promise<void> {
    const member = this.#members.pop();
    if (member !== undefined) await this.#whenExcluded(member.participantId, () => member.leave());
  }

  /** Returns the time from a member's leaving until nobody uses a key any more that it has, in ms. */
  async exclude(): Promise<number> {
    const leaver = this.#silent.latest;
    const startMs = performance.now();
    await this.#whenExcluded(leaver, () => this.#silent.leave());
    return performance.now() - startMs;
  }

  async close(): Promise<void> {
    for (const member of this.#members) member.close();
    await this.#silent.close();
    await this.#server.close();
  }

  async #whenExcluded(participantId: string, leave: () => Promise<void>): Promise<void> {
    const staying = this.#members.map(
      ({ session }) =>
        new Promise<void>((resolve) => {
          const stop = session.events.on("epoch:changed", ({ members }) => {
            if (members.some((member) => member.participantId === participantId)) return;
            stop();
            resolve();
          });
        }),
    );
    await leave();
    await Promise.all(staying);
  }
}

/** P95 of the time to the keys, in a call of `size`. */
export async function measureKeyReady(size: number, samples: number): Promise<number> {
  const call = await WireCall.of(size);
  const joinsMs: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    joinsMs.push(await call.join());
    await call.leave();
  }
  await call.close();
  return percentile(joinsMs, 95);
}

/** P50 and P99 of the time to exclusion, in a call of `size`. */
export async function measureExclusion(
  size: number,
  samples: number,
): Promise<{ p50Ms: number; p99Ms: number }> {
  const call = await WireCall.of(size + samples);
  const exclusionsMs: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) exclusionsMs.push(await call.exclude());
  await call.close();
  return { p50Ms: percentile(exclusionsMs, 50), p99Ms: percentile(exclusionsMs, 99) };
}
