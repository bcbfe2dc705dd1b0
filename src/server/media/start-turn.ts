import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { type Config, Secret, splitPeerRule } from "../../config/index.ts";
import type { MediaPort } from "../../sfu/index.ts";
import { createTurnEngine } from "../../turn/create-turn-engine.ts";
import type { TurnAddresses, TurnEngine } from "../../turn/turn-engine.ts";
import { TurnEngineError } from "../../turn/turn-engine.ts";
import type {
  PeerRule,
  TurnCertificate,
  TurnListenerOptions,
  TurnOptions,
} from "../../turn/turn-options.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { nearbyPort } from "../listen.ts";
import { StartError, type StartErrorCode } from "../start-error.ts";
import { type MediaAddress, relayAddresses } from "./media-addresses.ts";

const SECRET_BYTES = 32;

export interface RunningTurn {
  readonly engine: TurnEngine;
  readonly addresses: TurnAddresses;
  readonly relays: readonly MediaAddress[];
}

export interface TurnInput {
  readonly config: Config;
  readonly media: readonly MediaAddress[];
  /** Where the SFU of this process takes media; none when it is elsewhere. */
  readonly mediaPorts: readonly MediaPort[];
  readonly secrets: readonly Secret[];
  readonly certificate: Certificate | undefined;
}

/** Those of the configuration, else a random one for as long as this process lives. */
export function turnSecrets({ turn }: Config): readonly Secret[] {
  return turn.secrets ?? [new Secret(randomBytes(SECRET_BYTES).toString("base64url"))];
}

export function turnCertificate({ certificatePem, keyPem }: Certificate): TurnCertificate {
  return { cert: certificatePem, key: keyPem.reveal() };
}

/** Rejects with `StartError`, and then nothing is left open. */
export async function startTurn(input: TurnInput): Promise<RunningTurn> {
  const relays = relayAddresses(input.config, [...input.media]);
  try {
    const engine = createTurnEngine(turnOptions(input, relays));
    return { engine, addresses: await engine.start(), relays };
  } catch (error) {
    throw explained(error, input.config);
  }
}

function explained(error: unknown, { turn }: Config): unknown {
  if (!(error instanceof TurnEngineError)) return error;
  const refusal = (code: StartErrorCode, mend: string) =>
    new StartError(code, `The TURN relay did not start: ${error.message}.${mend}`, {
      cause: error,
    });
  if (error.code !== "listen-failed") return refusal("relay-failed", "");
  if (error.message.includes("EADDRNOTAVAIL")) {
    return refusal("address-unknown", " Set turn.addresses to some that this machine has.");
  }
  return refusal(
    "port-taken",
    ` Choose another port with turn.port (--turn-port ${nearbyPort(turn.port)}), or leave \`turn\` out of roles.`,
  );
}

function turnOptions(input: TurnInput, relays: readonly MediaAddress[]): TurnOptions {
  const { turn } = input.config;
  return {
    engine: turn.engine,
    coturnProgram: turn.coturnProgram,
    listeners: listeners(input),
    relay: {
      addresses: relays.map(({ ip, announced }) =>
        announced === undefined ? { address: ip } : { address: ip, external: announced },
      ),
      ports: { min: turn.relayPortMin, max: turn.relayPortMax },
    },
    realm: turn.realm,
    secrets: input.secrets.map((secret) => secret.reveal()),
    limits: {
      allocations: turn.allocations,
      allocationsPerCredential: turn.allocationsPerCredential,
      permissionsPerAllocation: turn.permissionsPerAllocation,
      channelsPerAllocation: turn.channelsPerAllocation,
      bandwidthBytesPerS: turn.bandwidthBytesPerS,
      lifetimeDefaultMs: turn.lifetimeDefaultMs,
      lifetimeMaxMs: turn.lifetimeMaxMs,
      allocationAgeMaxMs: turn.allocationAgeMaxMs,
      nonceLifetimeMs: turn.nonceLifetimeMs,
      connections: turn.connections,
      connectionsPerAddress: turn.connectionsPerAddress,
      connectionIdleMs: turn.connectionIdleMs,
      sendQueueBytes: turn.sendQueueBytes,
      requestsPerS: turn.requestsPerS,
      unauthenticatedPerS: turn.unauthenticatedPerS,
    },
    peers: {
      allowed: [...ownSfu(input), ...turn.allowedPeers.map(splitPeerRule)],
      denied: turn.deniedPeers.map(splitPeerRule),
      others: turn.otherPeers,
    },
  };
}

function listeners({ config, media, certificate }: TurnInput): TurnListenerOptions[] {
  const { turn } = config;
  const addresses = turn.addresses ?? [...new Set(media.map(({ ip }) => ip))];
  return addresses.flatMap((address) => [
    { protocol: "udp" as const, address, port: turn.port },
    { protocol: "tcp" as const, address, port: turn.port },
    ...(turn.tlsPort === undefined || certificate === undefined
      ? []
      : [
          {
            protocol: "tls" as const,
            address,
            port: turn.tlsPort,
            tls: turnCertificate(certificate),
          },
        ]),
  ]);
}

/** The SFU's very ports, at its addresses as it listens on them and as clients are told to reach it. */
function ownSfu({ media, mediaPorts }: TurnInput): PeerRule[] {
  return mediaPorts
    .filter(({ protocol }) => protocol === "udp")
    .flatMap(({ ip, port }) => {
      const announced = media.find((each) => each.ip === ip)?.announced ?? ip;
      const ports = { min: port, max: port };
      return [...new Set([ip, announced])].map((range) => ({ range, ports }));
    })
    .filter(({ range }) => isIP(range) !== 0);
}
