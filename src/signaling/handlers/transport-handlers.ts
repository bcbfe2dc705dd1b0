import type { IceServer, RegionName } from "../../protocol/index.ts";
import type { Handlers } from "../bind.ts";
import type { IceServerSource } from "../ports.ts";
import type { Session } from "../session.ts";

type TransportHandlers = Pick<
  Handlers<Session>,
  | "server:regions"
  | "transport:create"
  | "transport:connect"
  | "transport:restart-ice"
  | "transport:close"
>;

export function transportHandlers(ice: IceServerSource): TransportHandlers {
  const iceServers = (session: Session, region: RegionName | undefined): IceServer[] => {
    const regions = ice.regions(holderOf(session));
    const chosen = regions.find((each) => each.region === region) ?? regions[0];
    return chosen?.iceServers ?? [];
  };
  return {
    "server:regions": (session) => ({ regions: ice.regions(holderOf(session)) }),
    async "transport:create"(session, { direction, region }) {
      const transport = await session.participant.media.transports.create(direction);
      return { transport, iceServers: iceServers(session, region) };
    },
    async "transport:connect"({ participant }, { transportId, dtlsParameters }) {
      await participant.media.transports.connect(transportId, dtlsParameters);
      return {};
    },
    /** New credentials come with it: those of a long call have expired. */
    async "transport:restart-ice"(session, { transportId, region }) {
      const iceParameters = await session.participant.media.transports.restartIce(transportId);
      return { iceParameters, iceServers: iceServers(session, region) };
    },
    async "transport:close"({ participant }, { transportId }) {
      await participant.media.transports.close(transportId);
      return {};
    },
  };
}

/** Relays count what they hold by participant; before a room is joined, by connection. */
function holderOf(session: Session): string {
  return session.joined ? session.participant.id : session.connection.id;
}
