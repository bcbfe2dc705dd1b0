/**
 * Runs in a network namespace: two people in a call, one of them in a network of her own, through one
 * trouble after another. Prints a line of JSON for each. Takes how often, and which; all unless given.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createInvitationLink } from "../../../src/client/invitations.ts";
import { Person } from "../../support/call-browser.ts";
import { seesMovingAnew } from "../../support/call-senses.ts";
import { Cleanups } from "../../support/cleanups.ts";
import { awaitComeback, recordMoments } from "../../support/comeback-recorder.ts";
import { startCuttableProxy } from "../../support/cuttable-proxy.ts";
import { freePort } from "../../support/free-port.ts";
import { RunningService } from "../../support/running-service.ts";
import { HOME_ADDRESS, TravellingNetwork } from "../../support/travelling-network.ts";
import type { Trouble, TroubleResult } from "./trouble.ts";
import { TROUBLES } from "./trouble.ts";

const PAGE = fileURLToPath(new URL("../../../dist/web", import.meta.url));
const CUT_MS = 3_000;
const OFFLINE_MS = 30_000;
/** Encoders and estimates of the bandwidth settle before the next trouble. */
const CALM_MS = 3_000;
const runs = Number(process.argv[2] ?? 1);
const wanted = process.argv.slice(3);

const cleanups = new Cleanups();
try {
  const network = await TravellingNetwork.open();
  cleanups.defer(() => network.close());
  const [http, sfu, turn] = [await freePort(), await freePort(), await freePort()];
  const flags = [
    ...["--http-page-directory", PAGE, "--http-host", "0.0.0.0", "--http-port", String(http)],
    ...["--sfu-addresses", HOME_ADDRESS, "--sfu-port", String(sfu)],
    ...["--turn-addresses", HOME_ADDRESS, "--turn-port", String(turn)],
  ];
  let service = await RunningService.start({ flags });
  cleanups.defer(() => service.stop());
  const proxy = await startCuttableProxy(http, "0.0.0.0");
  cleanups.defer(() => proxy.close());

  const origin = `http://${HOME_ADDRESS}:${proxy.port}`;
  const link = createInvitationLink(origin);
  // Browsers give cameras to pages of their own machine only, or where they are told to.
  const trust = [`--unsafely-treat-insecure-origin-as-secure=${origin}`];
  const size = { width: 320, height: 180 };
  const join = async (person: Person) => {
    cleanups.defer(() => person.close());
    await recordMoments(person);
    await person.join(link);
    return person;
  };
  const ada = await join(
    await Person.atBrowser("Ada", {
      colour: "red",
      toneHz: 440,
      size,
      flags: trust,
      program: network.chromium,
    }),
  );
  const bob = await join(
    await Person.atBrowser("Bob", { colour: "green", toneHz: 880, size, flags: trust }),
  );
  const both = [ada, bob];

  /** Each resolves when the trouble is over. */
  const troubles: Record<Trouble, () => Promise<void>> = {
    async serviceRestart() {
      service.process.kill("SIGKILL");
      await service.exit;
      service = await RunningService.start({ flags });
    },
    async signalingCut() {
      proxy.cut();
      await sleep(CUT_MS);
      proxy.mend();
    },
    async reload() {
      await ada.page.reload({ waitUntil: "domcontentloaded" });
    },
    async networkChange() {
      onWifi = !onWifi;
      await network.use(onWifi ? "wifi" : "cellular");
    },
    async offline30() {
      await network.use(null);
      await sleep(OFFLINE_MS);
      await network.use(onWifi ? "wifi" : "cellular");
    },
  };
  let onWifi = true;

  for (let run = 0; run < runs; run += 1) {
    for (const trouble of TROUBLES.filter((each) => wanted.length === 0 || wanted.includes(each))) {
      await Promise.all([seesMovingAnew(ada, "Bob"), seesMovingAnew(bob, "Ada")]);
      await sleep(CALM_MS);
      const beganMs = Date.now();
      await troubles[trouble]();
      const lost = trouble === "serviceRestart" || trouble === "signalingCut" ? both : [ada];
      const comeback = await awaitComeback(both, lost, beganMs, Date.now());
      const result: TroubleResult = { trouble, ...comeback };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  }
} finally {
  await cleanups.run();
}
