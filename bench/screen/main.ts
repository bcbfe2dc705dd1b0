/**
 * How soon a shared screen is seen while other work keeps all cores busy: a new call of two for each
 * share. With so little time to compute, browser and server take their own lateness for a narrow
 * network.
 */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Cleanups } from "../../test/support/cleanups.ts";
import { RunningService } from "../../test/support/running-service.ts";
import { decodedOf, SdkCallers } from "../../test/support/sdk-callers.ts";
import { percentile } from "../support/percentile.ts";
import { keepBusy } from "./busy-cores.ts";

const CAMERA = { width: 640, height: 360 } as const;
const SCREEN = { width: 1_920, height: 1_080 } as const;
/** After this a share counts as never seen. */
const PATIENCE_MS = 15_000;
/** Until the estimates of the bandwidth are what the camera makes of them. */
const SETTLE_MS = 1_500;
const POLL_MS = 50;

interface Share {
  readonly firstMs: number;
  readonly fifthMs: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    shares: { type: "string", default: "10" },
    busy: { type: "string", default: String(availableParallelism()) },
  },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const cleanups = new Cleanups();
try {
  const callers = await SdkCallers.open();
  cleanups.defer(() => callers.close());
  const service = await RunningService.start({ flags: ["--http-allowed-origins", callers.origin] });
  cleanups.defer(async () => {
    await service.stop();
  });
  cleanups.defer(keepBusy(Number(values.busy)));
  const results: Share[] = [];
  for (let run = 0; run < Number(values.shares); run += 1) {
    const share = await measureShare(callers, service.origin);
    results.push(share);
    if (!values.json) {
      print(`share ${run + 1}: first picture ${share.firstMs} ms, fifth ${share.fifthMs} ms`);
    }
  }
  report(results);
} finally {
  await cleanups.run();
}

/** From the call of the SDK until the other page has decoded the pictures. */
async function measureShare(callers: SdkCallers, server: string): Promise<Share> {
  const link = createInvitationLink(server);
  const [viewer, sharer] = [await callers.caller(), await callers.caller()];
  await sharer.join({ link, server, name: "Cyd", camera: { colour: [200, 60, 30], size: CAMERA } });
  await viewer.join({ link, server, name: "Ada", camera: { colour: [20, 60, 230], size: CAMERA } });
  const { participantId } = await sharer.state();
  await viewer.untilMore(participantId, "camera");
  await sleep(SETTLE_MS);
  const startMs = performance.now();
  await sharer.page.evaluate((size) => window.caller.share([10, 200, 10], size), SCREEN);
  let firstMs = PATIENCE_MS;
  let fifthMs = PATIENCE_MS;
  while (fifthMs === PATIENCE_MS && performance.now() - startMs < PATIENCE_MS) {
    await sleep(POLL_MS);
    const decoded = decodedOf(await viewer.stats(), participantId, "screen");
    const sinceMs = Math.round(performance.now() - startMs);
    if (decoded > 0) firstMs = Math.min(firstMs, sinceMs);
    if (decoded >= 5) fifthMs = sinceMs;
  }
  await viewer.page.close();
  await sharer.page.close();
  return { firstMs, fifthMs };
}

function report(results: readonly Share[]): void {
  const first = results.map(({ firstMs }) => firstMs);
  const fifth = results.map(({ fifthMs }) => fifthMs);
  const figures = {
    firstP50Ms: percentile(first, 50),
    firstWorstMs: percentile(first, 100),
    fifthP50Ms: percentile(fifth, 50),
    fifthWorstMs: percentile(fifth, 100),
  };
  if (values.json) print(JSON.stringify({ bench: "screen", shares: results.length, figures }));
  else {
    print("\nfrom sharing until the other has decoded it, in milliseconds:");
    print(`  first picture  p50 ${figures.firstP50Ms}   worst ${figures.firstWorstMs}`);
    print(`  fifth picture  p50 ${figures.fifthP50Ms}   worst ${figures.fifthWorstMs}`);
  }
}
