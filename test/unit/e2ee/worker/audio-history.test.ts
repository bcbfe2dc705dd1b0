import assert from "node:assert/strict";
import { test } from "node:test";
import { opusDurationSamples } from "../../../../src/e2ee/frame/opus-packet.ts";
import { ReceivedAudio, SentAudio } from "../../../../src/e2ee/worker/audio-history.ts";

/** Hybrid, full band, 20 ms, one frame: RFC 6716 table 2, configuration 15. */
const VOICE = Uint8Array.of(15 << 3, 1, 2, 3);
const LENGTH = 960;

test("an Opus packet tells how long it sounds", () => {
  const cases = [
    [[], 0],
    [[1 << 3], 960],
    [[3 << 3], 2_880],
    [[12 << 3], 480],
    [[15 << 3], 960],
    [[16 << 3], 120],
    [[31 << 3], 960],
    [[(31 << 3) | 1], 1_920],
    [[(31 << 3) | 2], 1_920],
    [[(31 << 3) | 3, 0xc3], 2_880],
    [[(31 << 3) | 3], 0],
  ] as const;
  for (const [bytes, samples] of cases) {
    assert.equal(opusDurationSamples(Uint8Array.from(bytes)), samples, bytes.join());
  }
});

test("only a frame that ended where the next begins goes along with it", () => {
  const sent = new SentAudio();
  const last = 2 ** 32 - LENGTH;
  assert.equal(sent.previousOf(VOICE, last - LENGTH), undefined);
  assert.equal(sent.previousOf(VOICE, last), VOICE);
  assert.equal(sent.previousOf(VOICE, 0), VOICE, "timestamps begin anew");
  assert.equal(sent.previousOf(VOICE, 10 * LENGTH), undefined, "after a pause");
  assert.equal(sent.previousOf(VOICE, undefined), undefined);
  assert.equal(sent.previousOf(VOICE, LENGTH), undefined);
});

test("a gap is found once, and a late frame is not heard twice", () => {
  const received = new ReceivedAudio();
  assert.ok(received.isNew(1_000));
  assert.equal(received.gapBefore(1_000, VOICE), undefined, "nothing is missed at the beginning");
  assert.ok(received.isNew(1_000 + LENGTH));
  assert.equal(received.gapBefore(1_000 + LENGTH, VOICE), undefined);
  assert.ok(received.isNew(1_000 + 3 * LENGTH));
  assert.equal(received.gapBefore(1_000 + 3 * LENGTH, VOICE), 1_000 + 2 * LENGTH);
  assert.equal(received.gapBefore(1_000 + 3 * LENGTH, VOICE), undefined);
  assert.ok(!received.isNew(1_000 + 2 * LENGTH), "it comes late after all");
});

test("what lies far back is forgotten", () => {
  const received = new ReceivedAudio();
  for (let index = 0; index < 200; index += 1) received.isNew(index * LENGTH);
  assert.equal(received.gapBefore(2 * LENGTH, VOICE), LENGTH);
});
