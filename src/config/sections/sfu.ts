import { z } from "zod";
import {
  announcedAddress,
  bitrateBps,
  count,
  durationMs,
  path,
  port,
  setting,
} from "../setting.ts";

export const sfu = z.strictObject({
  workers: setting(
    z.int().min(1).max(1_024).optional(),
    "Media workers, each of which uses one core.",
    { whenUnset: "one for each core" },
  ),
  workerBin: setting(
    path.optional(),
    "The mediasoup worker program, where it isn't in its package.",
    { path: true, foreignVariable: "MEDIASOUP_WORKER_BIN", whenUnset: "the package's own" },
  ),
  port: setting(
    port.default(40_000),
    "First media port, UDP and TCP: worker 0 takes it, worker 1 the next, and so on. 0 takes free ones.",
  ),
  addresses: setting(
    z.array(announcedAddress).min(1).max(16).optional(),
    "Addresses for media. `10.0.0.5=203.0.113.9` listens on the first and tells clients the second, as behind a 1:1 NAT.",
    {
      form: "`address` or `address=announced`",
      whenUnset:
        "127.0.0.1 if `http.host` is loopback and there is no `http.publicUrl`, `http.host` if it is an address of this machine, else all of them, as always without the role `signaling`",
    },
  ),
  spreadThreshold: setting(
    z.int().min(0).max(100_000).default(60),
    "How many streams busier a worker must be before a room is spread to another one. 0 always takes the least busy one.",
  ),
  rooms: setting(count.default(10_000), "Rooms with media at one time."),
  transportsPerWorker: setting(count.default(2_000), "Media transports of one worker."),
  transportsPerParticipant: setting(count.default(4), "Media transports of one participant."),
  producersPerRoom: setting(count.default(4_000), "Streams sent into one room."),
  producersPerTransport: setting(count.default(16), "Streams that one participant sends."),
  consumersPerWorker: setting(
    count.default(1_000),
    "Streams that one worker forwards; a core manages about 500 of video.",
  ),
  consumersPerTransport: setting(count.default(500), "Streams that one participant receives."),
  encodingsPerProducer: setting(
    z.int().min(1).max(8).default(3),
    "Simulcast layers of one video stream.",
  ),
  maxIncomingBitrateBps: setting(
    bitrateBps.default(6_000_000),
    "Bitrate that a participant may send, over all streams.",
  ),
  initialOutgoingBitrateBps: setting(
    bitrateBps.default(2_000_000),
    "Where the estimate of what a receiver can take begins. Less than nine small pictures need lets newcomers see some of them stand for a second.",
  ),
  minOutgoingBitrateBps: setting(
    z.int().min(30_000).max(1_000_000_000).default(300_000),
    "Below this it does not fall: to a worker or a receiver without time to compute, any network seems narrow.",
  ),
  keyFrameIntervalMs: setting(
    durationMs.default(400),
    "At most one key frame is asked of a stream in this time. Browsers pass over what is asked within 300 ms of the last one, and it is asked again a second later: stay above that.",
  ),
});
