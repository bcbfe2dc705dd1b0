import type { Handlers } from "../bind.ts";
import type { Session } from "../session.ts";

type StreamRequest = Extract<keyof Handlers<Session>, `producer:${string}` | `consumer:${string}`>;

export const streamHandlers: Pick<Handlers<Session>, StreamRequest> = {
  "producer:create": ({ participant }, input) => participant.media.createProducer(input),
  async "producer:pause"({ participant }, { producerId }) {
    await participant.media.setProducerPaused(producerId, true);
    return {};
  },
  async "producer:resume"({ participant }, { producerId }) {
    await participant.media.setProducerPaused(producerId, false);
    return {};
  },
  async "producer:close"({ participant }, { producerId }) {
    await participant.media.closeProducer(producerId);
    return {};
  },

  "consumer:create": ({ participant }, input) => participant.media.createConsumer(input),
  async "consumer:pause"({ participant }, { consumerId }) {
    await participant.media.setConsumerPaused(consumerId, true);
    return {};
  },
  async "consumer:resume"({ participant }, { consumerId }) {
    await participant.media.setConsumerPaused(consumerId, false);
    return {};
  },
  async "consumer:close"({ participant }, { consumerId }) {
    await participant.media.closeConsumer(consumerId);
    return {};
  },
  async "consumer:set-layers"({ participant }, input) {
    await participant.media.setPreferredLayers(input);
    return {};
  },
  async "consumer:request-key-frame"({ participant }, { consumerId }) {
    await participant.media.requestKeyFrame(consumerId);
    return {};
  },
};
