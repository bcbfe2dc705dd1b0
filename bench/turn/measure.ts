import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { systemClock } from "../../src/lib/clock.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import { endpoint, TurnClient } from "../../test/support/turn-client.ts";
import { percentile } from "../support/percentile.ts";
import type { RelayServer } from "./relay-server.ts";

export interface LoadOptions {
  readonly secret: string;
  readonly allocations: number;
  readonly durationMs: number;
  /** Offered, of all allocations and both directions together. */
  readonly packetsPerSecond: number;
  readonly payloadBytes: number;
}

export interface LoadFigures {
  readonly sent: number;
  readonly relayed: number;
  readonly cpuUsPerPacket: number;
  readonly lossPercent: number;
  readonly p99Ms: number;
  readonly loopDelayP99Ms: number;
}

const channel = 0x4000;
const tickMs = 5;
/** What is still on its way after the last packet was sent gets this time. */
const settleMs = 300;

interface Lane {
  readonly client: TurnClient;
  readonly relayPort: number;
}

/** Media-like load through channels in both directions, from this process and back to it. */
export async function measureLoad(server: RelayServer, options: LoadOptions): Promise<LoadFigures> {
  const peer = createSocket({ type: "udp4", recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 });
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
  const lanes: Lane[] = [];
  const delaysMs: number[] = [];
  const arrive = (payload: Buffer) => {
    delaysMs.push(performance.now() - payload.readDoubleBE(0));
  };
  peer.on("message", arrive);
  try {
    for (let index = 0; index < options.allocations; index += 1) {
      lanes.push(await openLane(server, peer, options.secret, arrive));
    }
    await server.loopDelayP99Ms();
    const cpuBeforeNs = server.cpuNs();
    const sent = await offer(lanes, peer, options);
    await pause(settleMs);
    const cpuNs = server.cpuNs() - cpuBeforeNs;
    const relayed = delaysMs.length;
    return {
      sent,
      relayed,
      cpuUsPerPacket: cpuNs / 1_000 / relayed,
      lossPercent: (100 * (sent - relayed)) / sent,
      p99Ms: percentile(delaysMs, 99),
      loopDelayP99Ms: await server.loopDelayP99Ms(),
    };
  } finally {
    for (const { client } of lanes) {
      await client.refresh(0);
      client.close();
    }
    peer.close();
  }
}

async function openLane(
  server: RelayServer,
  peer: Socket,
  secret: string,
  arrive: (payload: Buffer) => void,
): Promise<Lane> {
  const credential = issueCredential({ secret, id: "bench", lifetimeMs: 600_000 }, systemClock);
  const listener = { protocol: "udp" as const, address: "127.0.0.1", port: server.port };
  const client = await TurnClient.connect(listener, credential);
  const { relayed } = await client.allocate();
  const bound = await client.bind(channel, endpoint("127.0.0.1", peer.address().port));
  if (!bound.ok) throw new Error(`no channel: ${bound.code}`);
  client.tapChannelData(arrive);
  return { client, relayPort: relayed.port };
}

/** Sends at the pace of the clock, and catches up when this process was late. */
async function offer(
  lanes: readonly Lane[],
  peer: Socket,
  { durationMs, packetsPerSecond, payloadBytes }: LoadOptions,
): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  for (;;) {
    const elapsedMs = Math.min(performance.now() - startMs, durationMs);
    const due = Math.floor((elapsedMs * packetsPerSecond) / 1_000);
    for (; sent < due; sent += 1) {
      const lane = lanes[(sent >> 1) % lanes.length];
      if (lane === undefined) throw new RangeError("no lane");
      const payload = Buffer.alloc(payloadBytes);
      payload.writeDoubleBE(performance.now());
      if (sent % 2 === 0) lane.client.sendChannel(channel, payload);
      else peer.send(payload, lane.relayPort, "127.0.0.1");
    }
    if (elapsedMs >= durationMs) return sent;
    await pause(tickMs);
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
