import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import type { EpochKeys } from "../../src/e2ee/frame/index.ts";
import { DEFAULT_CIPHER_SUITE } from "../../src/e2ee/frame/index.ts";
import { encodeKeyId } from "../../src/e2ee/frame/key-id.ts";
import { deriveFrameSecrets } from "../../src/e2ee/frame/key-schedule.ts";
import { contextOf, MEDIA_SOURCES } from "../../src/e2ee/frame/media-source.ts";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { parseInvitationLink } from "../../src/e2ee/invitation/index.ts";
import { fromBase64Url } from "../../src/lib/base64url.ts";
import { Cleanups } from "../support/cleanups.ts";
import { LabMember } from "../support/group-lab.ts";
import { readMemory } from "../support/process-memory.ts";
import { RunningService } from "../support/running-service.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { SdkCallers } from "../support/sdk-callers.ts";
import { until } from "../support/sfu-lab.ts";
import type { Trace } from "../support/traces.ts";
import { TraceSearch, tracesOfBytes, tracesOfText } from "../support/traces.ts";
import type { FrameStage } from "./sdk-page/recording-worker.ts";

const ADA = "Ada-Zwölfaxing-Quetzalcóatl";
const BOB = "Bob-Ypsilanti-Xylophon-★";
const CAMERA = { colour: [220, 30, 30], size: { width: 320, height: 180 } } as const;
/** Bytes that an encoder leaves alike in many frames stand at the begin. */
const RUN_START = 20;
const RUN_BYTES = 16;

describe("the memory of a server during a call", () => {
  const cleanups = new Cleanups();
  const epochs: EpochKeys[] = [];
  let service: RunningService;
  let invitation: Invitation;
  let ada: SdkCaller;
  let adaId: string;
  let transportId: string;
  /** What must not be there, but for frames. */
  let secrets: TraceSearch;
  /** What must be there, or nothing was searched. */
  let controls: TraceSearch;

  before(async () => {
    const callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    service = await RunningService.start({
      flags: ["--http-allowed-origins", callers.origin],
      nodeFlags: ["--heapsnapshot-signal=SIGUSR2"],
    });
    cleanups.defer(async () => {
      await service.stop();
    });
    const server = service.origin;
    const link = createInvitationLink(server);
    invitation = parseInvitationLink(link);
    const member = new LabMember(Number(new URL(server).port), invitation);
    cleanups.defer(() => member.close());
    member.session.events.on("epoch:changed", ({ keys }) => epochs.push(keys));
    await member.join();
    const { transport } = await member.connection.request("transport:create", {
      direction: "send",
    });
    transportId = transport.transportId;

    ada = await callers.caller();
    const bob = await callers.caller();
    await ada.join({ link, server, name: ADA, camera: CAMERA, toneHz: 700, recording: true });
    await bob.join({ link, server, name: BOB, camera: CAMERA, toneHz: 1_200 });
    adaId = (await ada.state()).participantId;
    await bob.untilState("Ada's name", ({ participants }) =>
      participants.some(({ name }) => name === ADA),
    );
    await bob.untilMore(adaId, "camera", 30);
    await until("all hold the keys", () => member.names.length === 3);

    secrets = new TraceSearch([
      ...tracesOfText("Ada's name", ADA),
      ...tracesOfText("Bob's name", BOB),
      ...tracesOfBytes("the link's secret", invitation.secret),
      ...tracesOfBytes("the admission key", invitation.admissionKey),
      ...tracesOfBytes("the media share", invitation.mediaShare),
      ...epochs.flatMap(tracesOfEpoch),
    ]);
    controls = new TraceSearch([
      ...tracesOfText("room id", invitation.roomId),
      ...tracesOfText("transport id", transportId),
    ]);
  });

  after(() => cleanups.run());

  for (const what of ["Node's process", "the media worker"] as const) {
    // A heap snapshot shows no bytes of buffers, and none of a worker: only the memory itself does.
    it(`keeps all memory of ${what} free of them, and of what is seen and heard`, async (context) => {
      const pieces = readMemory(pidOf(service, what));
      const plain = new TraceSearch(await recordedFrames(ada, "plain"));
      const sealed = new TraceSearch(await recordedFrames(ada, "sealed"));
      const found = new Set<string>();
      const known = new Set<string>();
      const forwarded = new Set<string>();
      let bytes = 0;
      for (const piece of pieces) {
        bytes += piece.length;
        for (const trace of secrets.findIn(piece)) found.add(trace);
        for (const trace of plain.findIn(piece)) found.add(trace);
        for (const trace of controls.findIn(piece)) known.add(trace);
        for (const trace of sealed.findIn(piece)) forwarded.add(trace);
      }
      context.diagnostic(`${(bytes / 1e6).toFixed(0)} MB searched`);
      context.diagnostic(`${forwarded.size} sealed frames found`);
      assert.ok(known.has("transport id"), "what it must know is found");
      if (what === "the media worker") assert.ok(forwarded.size > 10, "it keeps what it forwards");
      assert.deepEqual([...found], []);
    });
  }

  it("keeps its heap free of names, secrets and keys", async () => {
    const heap = Buffer.from((await service.heapStrings()).join("\n"));
    assert.ok(controls.findIn(heap).has("room id"), "the room is known by its id");
    assert.deepEqual([...secrets.findIn(heap)], []);
  });
});

function pidOf(service: RunningService, what: "Node's process" | "the media worker"): number {
  if (what === "Node's process") return service.process.pid ?? assert.fail("it has not started");
  const line = service.log.find(({ msg }) => msg === "media worker started");
  return Number(line?.pid ?? assert.fail("no media worker"));
}

/** The base key of an epoch, and the keys that each stream of each member has in it. */
function tracesOfEpoch({ epoch, baseKey, leaves }: EpochKeys): Trace[] {
  const keys = leaves.flatMap(({ leafIndex }) =>
    MEDIA_SOURCES.map((source) => {
      const keyId = encodeKeyId(contextOf(source), leafIndex, epoch);
      const { key } = deriveFrameSecrets(DEFAULT_CIPHER_SUITE, keyId, baseKey);
      return { what: `the key of leaf ${leafIndex}'s ${source} in epoch ${epoch}`, key };
    }),
  );
  return [
    ...tracesOfBytes(`the base key of epoch ${epoch}`, baseKey),
    ...keys.map(({ what, key }) => ({ what, bytes: Buffer.from(key) })),
  ];
}

/** A run of bytes from the midst of each of the frames that were sent last. */
async function recordedFrames(caller: SdkCaller, stage: FrameStage): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (const source of ["camera", "microphone"] as const) {
    const frames = await caller.page.evaluate(
      (...args) => window.caller.recorded(...args),
      source,
      stage,
    );
    for (const base64Url of frames) {
      const frame = Buffer.from(fromBase64Url(base64Url) ?? []);
      const run = frame.subarray(RUN_START, RUN_START + RUN_BYTES);
      if (run.length < RUN_BYTES || new Set(run).size <= RUN_BYTES / 2) continue;
      traces.push({ what: `${stage} ${source} ${run.toString("hex")}`, bytes: run });
    }
  }
  assert.ok(traces.length > 100, `${traces.length} frames were recorded`);
  return traces;
}
