import { z } from "zod";
import {
  committed,
  commitBytes,
  epoch,
  epochTag,
  groupInfoBytes,
  groupPosition,
  keyPackageBytes,
  messageBytes,
  welcomeBytes,
} from "./group.ts";
import { consumerId, participantId, producerId, resumeToken, roomId, transportId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { mediaKind, mediaSource, rtpCapabilities, rtpParameters } from "./media.ts";
import { participantSnapshot, producerSnapshot } from "./participants.ts";
import {
  dtlsParameters,
  edgeRegion,
  iceParameters,
  iceServer,
  regionName,
  transportDescription,
  transportDirection,
} from "./transport.ts";

const nothing = z.strictObject({});
const iceServers = z.array(iceServer).max(LIMITS.iceServers);

/** What a client asks of the server: one row a request. */
export const clientRequests = {
  /** What the SFU can carry. The same for every room, and answered before one is joined. */
  "server:capabilities": {
    input: nothing,
    output: z.strictObject({ routerRtpCapabilities: rtpCapabilities }),
  },

  /**
   * Whence media can be relayed, with credentials that expire. Answered before a room is joined, so
   * that a client can find out in the meantime which region is nearest. Empty where nothing relays.
   */
  "server:regions": {
    input: nothing,
    output: z.strictObject({ regions: z.array(edgeRegion).max(LIMITS.regions) }),
  },

  /**
   * Enters a room, or takes up again a stay whose connection was lost (`resumeToken`). The answer
   * is the whole state of the room, so a client that returns compares and needs no history.
   * `group` is what the client itself holds: a server that has never heard of the room learns
   * from it where the group stands.
   */
  "room:join": {
    input: z.strictObject({
      roomId,
      participantId,
      resumeToken: resumeToken.exactOptional(),
      group: groupPosition.exactOptional(),
    }),
    output: z.strictObject({
      resumeToken,
      /** True when the transports, producers and consumers of the earlier stay are still there. */
      resumed: z.boolean(),
      /** The others, not the one who joins. */
      participants: z.array(participantSnapshot).max(LIMITS.participantsInSnapshot),
      /** What the one who joins still sends from the earlier stay; empty unless `resumed`. */
      producers: z.array(producerSnapshot).max(LIMITS.producersPerParticipant),
      /** Null while nobody has created the group. */
      group: groupPosition.nullable(),
    }),
  },
  "room:leave": { input: nothing, output: nothing },

  /**
   * `iceServers` are those of `region`, as `server:regions` names it. Without one, or when it is
   * gone, those of the region that the server itself counts as its own, or else of the first one.
   */
  "transport:create": {
    input: z.strictObject({ direction: transportDirection, region: regionName.exactOptional() }),
    output: z.strictObject({ transport: transportDescription, iceServers }),
  },
  "transport:connect": {
    input: z.strictObject({ transportId, dtlsParameters }),
    output: nothing,
  },
  "transport:restart-ice": {
    input: z.strictObject({ transportId, region: regionName.exactOptional() }),
    output: z.strictObject({ iceParameters, iceServers }),
  },
  "transport:close": { input: z.strictObject({ transportId }), output: nothing },

  "producer:create": {
    input: z.strictObject({
      transportId,
      source: mediaSource,
      rtpParameters,
      paused: z.boolean(),
    }),
    output: z.strictObject({ producerId }),
  },
  "producer:pause": { input: z.strictObject({ producerId }), output: nothing },
  "producer:resume": { input: z.strictObject({ producerId }), output: nothing },
  "producer:close": { input: z.strictObject({ producerId }), output: nothing },

  /** A consumer begins paused; `consumer:resume` lets it flow, beginning with a key frame. */
  "consumer:create": {
    input: z.strictObject({ transportId, producerId, rtpCapabilities }),
    output: z.strictObject({
      consumerId,
      producerId,
      kind: mediaKind,
      rtpParameters,
      producerPaused: z.boolean(),
    }),
  },
  "consumer:pause": { input: z.strictObject({ consumerId }), output: nothing },
  "consumer:resume": { input: z.strictObject({ consumerId }), output: nothing },
  "consumer:close": { input: z.strictObject({ consumerId }), output: nothing },
  /** The highest layers that the client has use for; the server may send lower ones. */
  "consumer:set-layers": {
    input: z.strictObject({
      consumerId,
      spatialLayer: z.int().min(0).max(7),
      temporalLayer: z.int().min(0).max(7),
    }),
    output: nothing,
  },
  "consumer:request-key-frame": { input: z.strictObject({ consumerId }), output: nothing },

  /**
   * Declares a group of epoch 0 with the sender as its only member. The first one wins; a group of
   * which no member is left in the room may be declared anew.
   */
  "group:create": { input: z.strictObject({ tag: epochTag }), output: z.strictObject({ epoch }) },
  /** A GroupInfo for an external commit, which the server asks of a member. */
  "group:info": {
    input: nothing,
    output: z.strictObject({ epoch, groupInfo: groupInfoBytes }),
  },
  /**
   * `epoch` is the one that the commit ends, `tag` that of the one it begins. The first commit of
   * an epoch wins.
   */
  "group:commit": {
    input: z.strictObject({
      epoch,
      tag: epochTag,
      commit: commitBytes,
      /** Whom the commit lets in, and what is for them, if it lets anybody in. */
      welcome: z
        .strictObject({
          participantIds: z.array(participantId).min(1).max(LIMITS.keyPackagesPerCommit),
          welcome: welcomeBytes,
        })
        .exactOptional(),
    }),
    output: z.strictObject({ epoch }),
  },
  /**
   * Asks to be let in by a member, together with others who ask at about the same time. What comes
   * of it is `group:welcome`; `group:info` takes the proposal back.
   */
  "group:propose": { input: z.strictObject({ keyPackage: keyPackageBytes }), output: nothing },
  /**
   * The accepted commit that began `epoch` does not hold: it is forged, broken or against the
   * rules. When most of the other members say so, it is taken back (`group:rolled-back`), and
   * whoever sent it is cut off.
   */
  "group:refuse": { input: z.strictObject({ epoch }), output: nothing },
  /** The commits that ended `fromEpoch` and the later epochs, in order. */
  "group:commits": {
    input: z.strictObject({ fromEpoch: epoch }),
    output: z.strictObject({
      commits: z.array(committed).max(LIMITS.commitsPerAnswer),
      /** The epoch at which the group is now; ask again if the commits end before it. */
      epoch,
    }),
  },
  /** An encrypted application message for all, or for one participant. */
  "group:send": {
    input: z.strictObject({ to: participantId.nullable(), message: messageBytes }),
    output: nothing,
  },
} as const;

/** What the server asks of a client: one row a request. */
export const serverRequests = {
  "group:provide-info": {
    input: nothing,
    output: z.strictObject({ epoch, groupInfo: groupInfoBytes }),
  },
} as const;

export type ClientRequests = typeof clientRequests;
export type ClientRequestName = keyof ClientRequests;
export type ClientRequestInput<Name extends ClientRequestName> = z.infer<
  ClientRequests[Name]["input"]
>;
export type ClientRequestOutput<Name extends ClientRequestName> = z.infer<
  ClientRequests[Name]["output"]
>;

export type ServerRequests = typeof serverRequests;
export type ServerRequestName = keyof ServerRequests;
export type ServerRequestInput<Name extends ServerRequestName> = z.infer<
  ServerRequests[Name]["input"]
>;
export type ServerRequestOutput<Name extends ServerRequestName> = z.infer<
  ServerRequests[Name]["output"]
>;
