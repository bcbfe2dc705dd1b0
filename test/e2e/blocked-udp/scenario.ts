/**
 * Runs in a network namespace: two browsers' windows in a call, while a firewall lets through less
 * and less of what they send. Prints a line for each firewall.
 */
import { createInvitationLink } from "../../../src/client/invitations.ts";
import { Cleanups } from "../../support/cleanups.ts";
import { bringUpLoopback, dropOnly } from "../../support/own-network.ts";
import { RunningService } from "../../support/running-service.ts";
import { SdkCallers } from "../../support/sdk-callers.ts";
import type { FirewallResult } from "./firewall-result.ts";

/** Browsers come from 127.0.0.1, so that the way between relay and SFU is not theirs. */
const SFU = "127.0.0.2";
const RELAY = "127.0.0.3";
const PORTS = { sfu: 40_000, turn: 3_478, turnTls: 5_349 };
const CAMERA = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;
const ATTEMPTS = 3;
/** An attempt that takes no longer than this needs no other. */
const GOOD_MS = 2_000;

const noUdp = ["ip saddr 127.0.0.1 meta l4proto udp", "ip daddr 127.0.0.1 meta l4proto udp"];
const noSfu = [...noUdp, `ip daddr ${SFU} tcp dport ${PORTS.sfu}`];
const noTurn = [...noSfu, `tcp dport ${PORTS.turn}`];
const firewalls = [
  ["open", []],
  ["no UDP", noUdp],
  ["no UDP, no port of the SFU", noSfu],
  ["TLS only", noTurn],
] as const;

const cleanups = new Cleanups();
try {
  await bringUpLoopback();
  const callers = await SdkCallers.open([
    "--allow-loopback-in-peer-connection",
    "--ignore-certificate-errors",
  ]);
  cleanups.defer(() => callers.close());
  const service = await RunningService.start({
    flags: [
      ...["--http-allowed-origins", callers.origin, "--tls-development"],
      ...["--tls-development-directory", "certificate"],
      ...["--sfu-addresses", SFU, "--sfu-port", String(PORTS.sfu)],
      ...["--turn-addresses", "127.0.0.1", "--turn-public-host", "127.0.0.1"],
      ...["--turn-relay-addresses", RELAY, "--turn-port", String(PORTS.turn)],
      ...["--turn-tls-port", String(PORTS.turnTls)],
    ],
  });
  cleanups.defer(() => service.stop());
  for (const [firewall, rules] of firewalls) {
    await dropOnly(rules);
    let best: FirewallResult | undefined;
    for (let attempt = 0; attempt < ATTEMPTS && !isGood(best); attempt += 1) {
      const result = { firewall, ...(await call(callers, service.origin)) };
      if (best === undefined || result.firstPictureMs < best.firstPictureMs) best = result;
    }
    process.stdout.write(`${JSON.stringify(best)}\n`);
  }
} finally {
  await cleanups.run();
}

function isGood(result: FirewallResult | undefined): boolean {
  return result !== undefined && result.firstPictureMs <= GOOD_MS;
}

async function call(
  callers: SdkCallers,
  server: string,
): Promise<Omit<FirewallResult, "firewall">> {
  const link = createInvitationLink(server);
  const bob = await callers.caller();
  const ada = await callers.caller();
  await bob.join({ link, server, name: "Bob", camera: CAMERA });
  await ada.join({ link, server, name: "Ada", camera: CAMERA });
  const [adaId, bobId] = [(await ada.state()).participantId, (await bob.state()).participantId];
  await Promise.all([ada.untilMore(bobId, "camera"), bob.untilMore(adaId, "camera")]);
  const { paths, firstPictureMs } = await ada.untilStats(
    "a first picture",
    (stats) => stats.firstPictureMs !== null,
  );
  await Promise.all([ada.page.close(), bob.page.close()]);
  const ways = paths.map(({ candidate, protocol }) => `${candidate} ${protocol}`);
  return { ways, firstPictureMs: Math.round(firstPictureMs ?? Infinity) };
}
