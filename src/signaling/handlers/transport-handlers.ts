import type { Handlers } from "../bind.ts";
import type { IceServerSource } from "../ports.ts";
import type { Session } from "../session.ts";

type TransportHandlers = Pick<
  Handlers<Session>,
  "transport:create" | "transport:connect" | "transport:restart-ice" | "transport:close"
>;

export function transportHandlers(ice: IceServerSource): TransportHandlers {
  return {
    async "transport:create"({ participant }, { direction }) {
      const transport = await participant.media.transports.create(direction);
      return { transport, iceServers: ice.iceServers(participant.id) };
    },
    async "transport:connect"({ participant }, { transportId, dtlsParameters }) {
      await participant.media.transports.connect(transportId, dtlsParameters);
      return {};
    },
    /** New credentials come with it: those of a long call have expired. */
    async "transport:restart-ice"({ participant }, { transportId }) {
      const iceParameters = await participant.media.transports.restartIce(transportId);
      return { iceParameters, iceServers: ice.iceServers(participant.id) };
    },
    async "transport:close"({ participant }, { transportId }) {
      await participant.media.transports.close(transportId);
      return {};
    },
  };
}
