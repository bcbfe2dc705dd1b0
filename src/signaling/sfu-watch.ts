import type { MediaDirectory } from "./media-directory.ts";
import type { SfuControl } from "./ports.ts";

/**
 * Brings what the SFU tells of by itself to the participant whom it concerns. Ids that nobody has
 * are of resources that were closed meanwhile. Returns the function that ends the watch.
 */
export function watchSfu(sfu: SfuControl, directory: MediaDirectory): () => void {
  const ends = [
    sfu.on("transport:closed", ({ transportId }) => {
      directory.transports.get(transportId)?.handleTransportClosed(transportId);
    }),
    sfu.on("producer:closed", ({ producerId }) => {
      directory.producers.get(producerId)?.handleProducerClosed(producerId);
    }),
    sfu.on("consumer:closed", (event) => {
      directory.consumers.get(event.consumerId)?.handleConsumerClosed(event);
    }),
    sfu.on("consumer:layers", (event) => {
      directory.consumers.get(event.consumerId)?.events.emit("consumer:layers", event);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
