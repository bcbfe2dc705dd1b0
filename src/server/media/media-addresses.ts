import { isIP } from "node:net";
import { type Config, isLoopback, splitAnnouncedAddress } from "../../config/index.ts";
import { localAddresses } from "../local-addresses.ts";

export interface MediaAddress {
  readonly ip: string;
  readonly announced?: string;
}

const LOOPBACK: MediaAddress = { ip: "127.0.0.1" };

/**
 * Where media is received. Without configuration: on loopback for who tries the service out on one
 * machine, else wherever others may reach this machine. A public URL in front of a loopback
 * listener means a proxy, which media doesn't pass. Without the role `signaling`, `http` says
 * nothing of this machine.
 */
export function mediaAddresses(
  { http, roles, sfu }: Config,
  local = localAddresses(),
): MediaAddress[] {
  if (sfu.addresses !== undefined) return sfu.addresses.map(splitAnnouncedAddress);
  if (!roles.includes("signaling")) return local.length === 0 ? [LOOPBACK] : local.map(toAddress);
  if (isLoopback(http.host)) {
    return http.publicUrl === undefined || local.length === 0 ? [LOOPBACK] : local.map(toAddress);
  }
  if (local.includes(http.host)) return [toAddress(http.host)];
  return local.length === 0 ? [LOOPBACK] : local.map(toAddress);
}

/** The first address of each family, with what it is announced as where that is an address too. */
export function relayAddresses(config: Config, media = mediaAddresses(config)): MediaAddress[] {
  const given = config.turn.relayAddresses?.map(splitAnnouncedAddress);
  if (given !== undefined) return given;
  return [4, 6].flatMap((family) => {
    const first = media.find(({ ip }) => isIP(ip) === family && ip !== "0.0.0.0" && ip !== "::");
    if (first === undefined) return [];
    const isAddress = first.announced !== undefined && isIP(first.announced) === family;
    return [isAddress ? first : { ip: first.ip }];
  });
}

function toAddress(ip: string): MediaAddress {
  return { ip };
}
