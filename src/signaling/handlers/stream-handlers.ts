import type { Handlers } from "../bind.ts";
import type { Session } from "../session.ts";

type StreamRequest = Extract<keyof Handlers<Session>, `producer:${string}` | `consumer:${string}`>;

export const streamHandlers: Pick<Handlers<Session>, StreamRequest> = {
  "producer:create": ({ participant }, input) => participant.media.producers.create(input),
  async "producer:pause"({ participant }, { producerId }) {
    await participant.media.producers.setPaused(producerId, true);
    return {};
  },
  async "producer:resume"({ participant }, { producerId }) {
    await participant.media.producers.setPaused(producerId, false);
    return {};
  },
  async "producer:close"({ participant }, { producerId }) {
    await participant.media.producers.close(producerId);
    return {};
  },

  "consumer:create": ({ participant }, input) => participant.media.consumers.create(input),
  async "consumer:pause"({ participant }, { consumerId }) {
    await participant.media.consumers.setPaused(consumerId, true);
    return {};
  },
  async "consumer:resume"({ participant }, { consumerId }) {
    await participant.media.consumers.setPaused(consumerId, false);
    return {};
  },
  async "consumer:close"({ participant }, { consumerId }) {
    await participant.media.consumers.close(consumerId);
    return {};
  },
  async "consumer:set-layers"({ participant }, input) {
    await participant.media.consumers.setPreferredLayers(input);
    return {};
  },
  async "consumer:request-key-frame"({ participant }, { consumerId }) {
    await participant.media.consumers.requestKeyFrame(consumerId);
    return {};
  },
};
