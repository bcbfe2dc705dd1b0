import type { Config } from "../../config/index.ts";
import type { Logger } from "../../observability/index.ts";
import { Sfu, type SfuOptions } from "../../sfu/index.ts";
import { nearbyPort } from "../listen.ts";
import { StartError, type StartErrorCode } from "../start-error.ts";
import type { MediaAddress } from "./media-addresses.ts";

/** Rejects with `StartError`, and then no worker is left. */
export async function startSfu(
  config: Config,
  addresses: readonly MediaAddress[],
  logger: Logger,
): Promise<Sfu> {
  try {
    return await Sfu.create(sfuOptions(config, addresses, logger));
  } catch (error) {
    throw explained(error, config);
  }
}

function sfuOptions(
  { sfu }: Config,
  addresses: readonly MediaAddress[],
  logger: Logger,
): SfuOptions {
  return {
    ...(sfu.workers === undefined ? {} : { workerCount: sfu.workers }),
    ...(sfu.workerBin === undefined ? {} : { workerBin: sfu.workerBin }),
    listen: addresses.map(({ ip, announced }) =>
      announced === undefined ? { ip } : { ip, announcedAddress: announced },
    ),
    port: sfu.port,
    spreadThreshold: sfu.spreadThreshold,
    limits: {
      rooms: sfu.rooms,
      transportsPerWorker: sfu.transportsPerWorker,
      transportsPerParticipant: sfu.transportsPerParticipant,
      producersPerRoom: sfu.producersPerRoom,
      producersPerTransport: sfu.producersPerTransport,
      consumersPerWorker: sfu.consumersPerWorker,
      consumersPerTransport: sfu.consumersPerTransport,
      encodingsPerProducer: sfu.encodingsPerProducer,
    },
    rates: {
      maxIncomingBitrateBps: sfu.maxIncomingBitrateBps,
      initialOutgoingBitrateBps: sfu.initialOutgoingBitrateBps,
      minOutgoingBitrateBps: sfu.minOutgoingBitrateBps,
      keyFrameIntervalMs: sfu.keyFrameIntervalMs,
    },
    logger,
  };
}

/** Looks down the chain of causes for what an operator can mend. */
function explained(error: unknown, { sfu }: Config): StartError {
  const said = reasonsOf(error).join(": ");
  const refusal = (code: StartErrorCode, message: string) =>
    new StartError(code, message, { cause: error });
  if (/ENOENT|EACCES|spawn/.test(said)) {
    const where = sfu.workerBin ?? "the mediasoup package";
    return refusal(
      "media-failed",
      `The mediasoup worker program can't be run from ${where}: \`npm start\` gets or builds it; sfu.workerBin or MEDIASOUP_WORKER_BIN names another one.`,
    );
  }
  // libuv's words for EADDRNOTAVAIL and EADDRINUSE; the worker passes no codes on.
  if (/address not available/.test(said)) {
    return refusal(
      "address-unknown",
      "This machine has no address that media shall be received on: set sfu.addresses to some that it has.",
    );
  }
  if (/address already in use/.test(said)) {
    return refusal(
      "port-taken",
      `A media port from ${sfu.port} on is taken by another program: choose others with sfu.port (--sfu-port ${nearbyPort(sfu.port)}).`,
    );
  }
  return refusal("media-failed", `The media workers did not start: ${said}.`);
}

function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.message, ...reasonsOf(error.cause)];
}
