import type { Config } from "../../config/index.ts";
import { TurnClientError } from "../../turn/client/client-error.ts";
import { ownAddress } from "../../turn/client/own-address.ts";
import { formatAddress } from "../../turn/ip/address.ts";
import { localAddresses } from "../local-addresses.ts";
import type { MediaAddress } from "../media/media-addresses.ts";
import { mediaAddresses } from "../media/media-addresses.ts";
import { addressKind } from "./address-kind.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";

const check = "public-address";

/** A STUN server somewhere else, which tells how this machine looks from there. */
export interface StunServer {
  readonly host: string;
  readonly port: number;
}

/** Whether others can reach the addresses that clients are told for media. */
export async function checkPublicAddress(
  config: Config,
  stun: StunServer | undefined,
  timeoutMs: number,
): Promise<Finding[]> {
  const media = mediaAddresses(config);
  const findings = [judgeAnnounced(media, config)];
  findings.push(
    stun === undefined
      ? skipped(
          "stun",
          "How this machine looks from outside was not asked: `--stun host:port` names a server that tells.",
        )
      : await checkSeenFrom(stun, media, timeoutMs),
  );
  return findings;
}

function judgeAnnounced(media: readonly MediaAddress[], { http }: Config): Finding {
  const told = media.map(({ ip, announced = ip }) => announced);
  const list = told.join(", ");
  const kinds = told.map(addressKind);
  if (kinds.includes("public")) return ok(check, `Clients are told public addresses: ${list}.`);
  if (kinds.includes("name")) return ok(check, `Clients are told the name ${list}.`);
  const isForOthers =
    http.publicUrl !== undefined && addressKind(new URL(http.publicUrl).hostname) !== "loopback";
  if (kinds.every((kind) => kind === "loopback")) {
    const text = `Clients are told ${list} for media, so only browsers on this machine can call.`;
    const mend = "Set sfu.addresses to addresses that others reach, or http.host to 0.0.0.0.";
    return isForOthers ? failed(check, text, mend) : warning(check, text, mend);
  }
  const text = `Clients are told ${list} for media, which only the own network knows.`;
  return warning(
    check,
    text,
    "For calls from outside set sfu.addresses to `address=public address`, as behind a 1:1 NAT.",
  );
}

async function checkSeenFrom(
  { host, port }: StunServer,
  media: readonly MediaAddress[],
  timeoutMs: number,
): Promise<Finding> {
  try {
    const seen = formatAddress(await ownAddress({ transport: "udp", host, port }, timeoutMs));
    const known = [...localAddresses(), ...media.map(({ ip, announced = ip }) => announced)];
    if (known.includes(seen))
      return ok("stun", `From outside this machine is ${seen}, as clients are told.`);
    const [first] = media;
    return failed(
      "stun",
      `From outside this machine is ${seen}, which clients are not told.`,
      `Set sfu.addresses to \`${first?.ip ?? "address"}=${seen}\`, if the router passes its ports on to this machine.`,
    );
  } catch (error) {
    if (!(error instanceof TurnClientError)) throw error;
    return warning(
      "stun",
      `The STUN server ${host} does not answer (${error.message}).`,
      "Name another one with --stun, and see that UDP gets out of this machine.",
    );
  }
}
