import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import type { StreamOwner } from "../../src/e2ee/frame/index.ts";
import { codecOf, FrameOpener, Keyring } from "../../src/e2ee/frame/index.ts";
import { parseInvitationLink } from "../../src/e2ee/invitation/index.ts";
import type { Sfu } from "../../src/sfu/index.ts";
import { Cleanups } from "../support/cleanups.ts";
import { LabMember, LabServer } from "../support/group-lab.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { SdkCallers } from "../support/sdk-callers.ts";
import { startSfu, until } from "../support/sfu-lab.ts";
import type { EncodedFrame } from "../support/sfu-rtp.ts";
import { depacketizeVp8 } from "../support/sfu-rtp.ts";
import type { TappedStream } from "../support/sfu-tap.ts";
import { SfuTap } from "../support/sfu-tap.ts";
import { TraceSearch, tracesOfText } from "../support/traces.ts";
import type { WireTap } from "../support/wire-tap.ts";
import { startWireTap } from "../support/wire-tap.ts";
import type { EncodedInput } from "./sdk-page/decoding.ts";

const ADA = "Ada-Zwölfaxing-Quetzal";
const BOB = "Bob-Ypsilanti-Xylophon";
const RED = [220, 30, 30] as const;
const SIZE = { width: 320, height: 180 };
const TONE_HZ = 700;
/** More than the header, tag and clear bytes that a frame begins or ends with. */
const RUN_BYTES = 16;
/** VP8's first bytes stay in clear: RFC 6386 section 9.1. */
const CLEAR_BYTES = 10;

describe("a server that looks at everything that passes it", () => {
  const cleanups = new Cleanups();
  const keyring = new Keyring();
  let sfu: Sfu;
  let wire: WireTap;
  let member: LabMember;
  let ada: SdkCaller;
  let bob: SdkCaller;
  let adaId: string;
  let roomId: string;
  let camera: TappedStream;
  let microphone: TappedStream;

  before(async () => {
    const tap = new SfuTap();
    cleanups.defer(() => tap.close());
    sfu = await startSfu();
    cleanups.defer(() => sfu.close());
    const callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    const lab = await LabServer.start(sfu, { allowedOrigins: [callers.origin] });
    cleanups.defer(() => lab.close());
    wire = await startWireTap(lab.port);
    cleanups.defer(() => wire.close());

    const server = `http://127.0.0.1:${wire.port}`;
    const link = createInvitationLink(server);
    const invitation = parseInvitationLink(link);
    roomId = invitation.roomId;
    member = new LabMember(wire.port, invitation);
    cleanups.defer(() => member.close());
    member.session.events.on("epoch:changed", ({ keys }) => keyring.setEpoch(keys));
    [ada, bob] = await Promise.all([callers.caller(), callers.caller()]);
    const picture = { colour: RED, size: SIZE };
    await ada.join({ link, server, name: ADA, camera: picture, toneHz: TONE_HZ });
    await bob.join({ link, server, name: BOB, toneHz: 1_200 });
    await member.join();
    adaId = (await ada.state()).participantId;
    await until("all hold the keys", () => member.names.length === 3);

    const announced = (source: string) => {
      const stream = member.roster.announced.find(
        (each) => each.participantId === adaId && each.source === source,
      );
      return stream?.producerId ?? assert.fail(`no ${source}`);
    };
    microphone = await tap.attach(announced("microphone"));
    await until("Ada seals for all who are here", async () => {
      const [latest] = soundOf(microphone).slice(-1);
      if (latest === undefined) return false;
      const opener = new FrameOpener(keyring, { participantId: adaId, source: "microphone" });
      const outcome = await opener.open(latest.data, codecOf("audio/opus"));
      return outcome.status === "opened";
    });
    microphone.close();
    microphone = await tap.attach(announced("microphone"));
    camera = await tap.attach(announced("camera"));
    await bob.untilMore(adaId, "camera");
  });

  after(() => cleanups.run());

  async function openAll(
    frames: readonly EncodedFrame[],
    owner: StreamOwner,
    mimeType: string,
  ): Promise<EncodedFrame[]> {
    const opener = new FrameOpener(keyring, owner);
    const opened: EncodedFrame[] = [];
    for (const { timestamp, data } of frames) {
      const outcome = await opener.open(new Uint8Array(data), codecOf(mimeType));
      if (outcome.status !== "opened") assert.fail(JSON.stringify(outcome));
      opened.push({ timestamp, data: outcome.data });
    }
    return opened;
  }

  it("gets pictures that no decoder can show, though those with the keys can", async () => {
    await bob.untilMore(adaId, "camera", 30);
    const frames = wholePictures(camera);
    assert.ok(frames.length > 20, `${frames.length} frames were tapped`);
    const opened = await openAll(frames, { participantId: adaId, source: "camera" }, "video/vp8");

    const asForwarded = await decodeVideo(bob, frames);
    const asOpened = await decodeVideo(bob, opened);
    assert.equal(asOpened.frames, frames.length);
    assert.ok(asOpened.colourShare > 0.8, `${asOpened.colourShare} of the picture is red`);
    assert.ok(asForwarded.colourShare < 0.1, `${asForwarded.colourShare} of the picture is red`);
    assertHidden(camera, opened, CLEAR_BYTES);
  });

  it("gets sound that no decoder can play, though those with the keys can", async () => {
    await bob.untilMore(adaId, "microphone", 60);
    const packets = soundOf(microphone);
    const owner = { participantId: adaId, source: "microphone" } as const;
    const opened = await openAll(packets, owner, "audio/opus");

    const asForwarded = await decodeAudio(bob, packets);
    const asOpened = await decodeAudio(bob, opened);
    assert.equal(asOpened.failed, false);
    assert.ok(asOpened.toneShare > 0.9, `${asOpened.toneShare} of the sound is the tone`);
    assert.ok(asForwarded.toneShare < 0.1, `${asForwarded.toneShare} of the sound is the tone`);
    assertHidden(microphone, opened, 0);
  });

  it("is told no name and no secret of the link", async () => {
    const { participants } = await bob.untilState("Ada's name", (state) =>
      state.participants.some(({ name }) => name === ADA),
    );
    assert.ok(participants.some(({ participantId }) => participantId === adaId));
    const search = new TraceSearch([
      ...tracesOfText("Ada", ADA),
      ...tracesOfText("Bob", BOB),
      ...tracesOfText("room id", roomId),
    ]);
    for (const said of [wire.fromClients, wire.fromServer]) {
      // Between two messages stands what is in neither, so that nothing is found across them.
      const found = search.findIn(Buffer.concat(said.flatMap((payload) => [payload, SEPARATOR])));
      const names = [...found].filter((what) => !what.startsWith("room id"));
      assert.deepEqual(names, []);
    }
    const toServer = search.findIn(Buffer.concat(wire.fromClients));
    assert.ok(toServer.has("room id"), "what is said is searched");
  });
});

const SEPARATOR = Buffer.alloc(64);

function soundOf({ packets }: TappedStream) {
  return packets
    .filter(({ payload }) => payload.length > 0)
    .map(({ timestamp, payload }) => ({ timestamp, data: new Uint8Array(payload) }));
}

/** The frames of the tapped layer that has the most, from its first key frame on. */
function wholePictures({ packets }: TappedStream): EncodedFrame[] {
  const layers = Map.groupBy(packets, ({ ssrc }) => ssrc);
  const [frames = []] = [...layers.values()]
    .map(depacketizeVp8)
    .sort((one, other) => other.length - one.length);
  const first = frames.findIndex(({ data }) => isKeyFrame(data));
  return first === -1 ? [] : frames.slice(first);
}

function isKeyFrame(data: Uint8Array): boolean {
  return ((data[0] ?? 1) & 1) === 0;
}

function inputOf({ timestamp, data }: EncodedFrame): EncodedInput {
  const base64Url = Buffer.from(data).toString("base64url");
  return { isKey: isKeyFrame(data), timestampUs: timestamp, base64Url };
}

function decodeVideo(caller: SdkCaller, frames: readonly EncodedFrame[]) {
  return caller.page.evaluate(
    (inputs, colour) => window.caller.decodeVp8(inputs, colour),
    frames.map(inputOf),
    RED,
  );
}

function decodeAudio(caller: SdkCaller, packets: readonly EncodedFrame[]) {
  return caller.page.evaluate(
    (inputs, toneHz) => window.caller.decodeOpus(inputs, toneHz),
    packets.map(inputOf),
    TONE_HZ,
  );
}

/** Not one run of an opened frame's bytes, wherever it begins, is in what was forwarded. */
function assertHidden(
  { packets }: TappedStream,
  opened: readonly EncodedFrame[],
  clearBytes: number,
): void {
  const runs = opened.flatMap(({ data }) => runsOf(data.subarray(clearBytes)));
  assert.ok(runs.length > 50, `${runs.length} runs are looked for`);
  const search = new TraceSearch(runs.map((bytes) => ({ what: bytes.toString("hex"), bytes })));
  const control = search.findIn(Buffer.concat(opened.map(({ data }) => data)));
  assert.equal(control.size, new Set(runs.map((run) => run.toString("hex"))).size);
  assert.deepEqual([...search.findIn(Buffer.concat(packets.map(({ bytes }) => bytes)))], []);
}

/** Runs side by side. Those of one byte over and over say nothing, and occur by chance. */
function runsOf(data: Uint8Array): Buffer[] {
  const runs: Buffer[] = [];
  for (let start = 0; start + RUN_BYTES <= data.length; start += RUN_BYTES) {
    const run = Buffer.from(data.subarray(start, start + RUN_BYTES));
    if (new Set(run).size > RUN_BYTES / 2) runs.push(run);
  }
  return runs;
}
