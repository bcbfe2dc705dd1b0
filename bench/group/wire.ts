import { SignalingConnection } from "../../src/client/connection/signaling-connection.ts";
import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { Newcomer } from "../../src/e2ee/group/index.ts";
import { LabMember, LabServer } from "../../test/support/group-lab.ts";
import { MemorySfu } from "../../test/support/signaling-sfu.ts";
import { percentile } from "../support/percentile.ts";
import { randomId } from "./crowd.ts";

const FULL_MEMBERS = 3;
const invitation = createInvitation();

/**
 * A call over real sockets to a real signaling server, all in this process. Three members do all
 * that the SDK does for the group. The others are connected and have their leaves, but don't
 * compute: on one machine they would only take the time that each has on a device of their own.
 */
export class WireCall {
  readonly #server: LabServer;
  readonly #members: LabMember[] = [];
  readonly #silent: SilentMember[] = [];

  static async of(size: number): Promise<WireCall> {
    const server = await LabServer.start(new MemorySfu(), { connectionsPerAddress: 2_000 });
    const call = new WireCall(server);
    while (call.#members.length < FULL_MEMBERS) await call.join();
    while (call.size < size) {
      const count = Math.min(100, size - call.size);
      const coming = Array.from({ length: count }, () => SilentMember.enter(server.port));
      call.#silent.push(...(await Promise.all(coming)));
    }
    return call;
  }

  private constructor(server: LabServer) {
    this.#server = server;
  }

  get size(): number {
    return this.#members.length + this.#silent.length;
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
    const leaver = this.#silent.pop();
    if (leaver === undefined) throw new Error("nobody is left to leave");
    const startMs = performance.now();
    await this.#whenExcluded(leaver.participantId, () => leaver.leave());
    return performance.now() - startMs;
  }

  async close(): Promise<void> {
    for (const member of this.#members) member.close();
    for (const member of this.#silent) member.close();
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

/** Somebody with a leaf and a connection, who never computes a key. */
class SilentMember {
  readonly participantId = randomId();
  readonly #connection: SignalingConnection;

  static async enter(port: number): Promise<SilentMember> {
    const member = new SilentMember(port);
    const { participantId } = member;
    await member.#enter(await Newcomer.create({ invitation, participantId }, Date.now()));
    return member;
  }

  private constructor(port: number) {
    this.#connection = new SignalingConnection({ url: new URL(`http://127.0.0.1:${port}`) });
  }

  async leave(): Promise<void> {
    await this.#connection.request("room:leave", {});
    this.close();
  }

  close(): void {
    this.#connection.close("bench");
  }

  async #enter({ keyPackage }: Newcomer): Promise<void> {
    const { events, notifications } = this.#connection;
    const up = new Promise<void>((resolve) => events.once("connection:up", () => resolve()));
    this.#connection.open();
    await up;
    const { roomId } = invitation;
    await this.#connection.request("room:join", { roomId, participantId: this.participantId });
    const admitted = new Promise<void>((resolve) =>
      notifications.once("group:welcome", () => resolve()),
    );
    await this.#connection.request("group:propose", { keyPackage });
    await admitted;
    // From now on the server asks others for what this member could not give.
    await this.#connection.request("group:info", {}).catch(() => undefined);
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
