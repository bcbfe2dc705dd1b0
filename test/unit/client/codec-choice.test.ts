import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodecChoice } from "../../../src/client/media/codec-choice.ts";
import type { VideoCodec } from "../../../src/client/media/video-codec.ts";
import { videoCodecsOf } from "../../../src/client/media/video-codec.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ALL: VideoCodec[] = ["vp8", "vp9", "h264", "av1"];

function choiceOf(preferred: VideoCodec | undefined = "av1") {
  const clock = new ManualClock();
  const choice = new CodecChoice(clock);
  const chosen: VideoCodec[] = [];
  choice.events.on("codec:chosen", (codec) => chosen.push(codec));
  choice.prefer(preferred);
  const members = (...others: string[]) => {
    choice.membersChanged(new Set(["self", ...others]), "self");
  };
  return { clock, choice, chosen, members };
}

describe("the codec that video is sent with", () => {
  it("is VP8 at once where nothing else is preferred", () => {
    const { choice, chosen, members } = choiceOf("vp8");
    assert.equal(choice.current, "vp8");
    members("ada");
    choice.told("ada", ["vp8"]);
    assert.deepEqual(chosen, []);
  });

  it("waits until it is known for whom", () => {
    const { choice, chosen, members } = choiceOf();
    assert.equal(choice.current, undefined);
    members();
    assert.deepEqual(chosen, ["av1"]);
  });

  it("is VP8 for those who have not said yet what they can receive, and the preferred one then", () => {
    const { choice, chosen, members } = choiceOf();
    members("ada", "bob");
    assert.equal(choice.current, "vp8");
    choice.told("ada", ALL);
    assert.equal(choice.current, "vp8");
    choice.told("bob", ALL);
    assert.deepEqual(chosen, ["vp8", "av1"]);
  });

  it("stays for a newcomer who says in time that they can receive it", () => {
    const { clock, chosen, choice, members } = choiceOf();
    members();
    members("ada");
    clock.advance(1_900);
    choice.told("ada", ALL);
    clock.advance(60_000);
    assert.deepEqual(chosen, ["av1"]);
    assert.equal(clock.pending, 0);
  });

  it("gives way at once to somebody who cannot receive it", () => {
    const { chosen, choice, members } = choiceOf();
    members();
    members("ada");
    choice.told("ada", ["vp8", "vp9"]);
    assert.deepEqual(chosen, ["av1", "vp8"]);
  });

  it("gives way after a while to somebody who says nothing", () => {
    const { clock, chosen, choice, members } = choiceOf();
    members();
    members("ada");
    clock.advance(1_000);
    members("ada", "bob");
    choice.told("bob", ALL);
    clock.advance(1_000);
    assert.deepEqual(chosen, ["av1", "vp8"]);
    choice.told("bob", ALL);
    assert.equal(choice.current, "vp8");
  });

  it("says nothing of an older client but that it knows VP8", () => {
    const { chosen, choice, members } = choiceOf();
    members();
    members("ada");
    choice.told("ada", undefined);
    assert.deepEqual(chosen, ["av1", "vp8"]);
  });

  it("comes back when they have left, but not for everybody who comes and goes", () => {
    const { clock, chosen, choice, members } = choiceOf();
    members();
    for (let visit = 0; visit < 10; visit += 1) {
      members("ada");
      choice.told("ada", ["vp8"]);
      members();
      clock.advance(100);
    }
    assert.deepEqual(chosen, ["av1", "vp8"]);
    clock.advance(5_000);
    assert.deepEqual(chosen, ["av1", "vp8", "av1"]);
  });

  it("heeds what was said before the group shows who said it", () => {
    const { chosen, choice, members } = choiceOf();
    members();
    choice.told("ada", ALL);
    members("ada");
    assert.deepEqual(chosen, ["av1"]);
  });

  it("leaves nothing behind", () => {
    const { clock, choice, members } = choiceOf();
    members();
    members("ada");
    choice.close();
    assert.equal(clock.pending, 0);
  });
});

it("what can be received is read from capabilities, whatever else they hold", () => {
  const codecs = ["video/VP8", "video/rtx", "video/H264", "audio/opus", "video/H265"].map(
    (mimeType) => ({
      kind: "video" as const,
      mimeType,
      preferredPayloadType: 96,
      clockRate: 90_000,
    }),
  );
  assert.deepEqual(videoCodecsOf({ codecs }), ["vp8", "h264"]);
  assert.deepEqual(videoCodecsOf({}), []);
});
