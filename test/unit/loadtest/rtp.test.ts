import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameAssembly, readVp8Descriptor } from "../../../loadtest/engine/frame-assembly.ts";
import { LossTracker } from "../../../loadtest/engine/loss-tracker.ts";
import { PacketHistory } from "../../../loadtest/engine/packet-history.ts";
import {
  nack,
  parseRtcp,
  pictureLossIndication,
  senderReport,
} from "../../../loadtest/engine/rtcp.ts";
import { extension16, parseRtp, rtpTemplate } from "../../../loadtest/engine/rtp-packet.ts";
import { TransportFeedback } from "../../../loadtest/engine/transport-feedback.ts";

const SECOND_US = 1_000_000;

test("a packet is read as it was written, extensions included", () => {
  const extensions = [
    { id: 1, value: Buffer.from("mid") },
    { id: 5, value: Buffer.from([0x12, 0x34]) },
  ];
  const { header } = rtpTemplate(96, 0xdead_beef, extensions);
  const packet = Buffer.concat([header, Buffer.from("payload")]);
  packet.writeUInt16BE(65_535, 2);
  const parsed = parseRtp(packet);
  assert.ok(parsed !== undefined);
  assert.deepEqual(
    [parsed.payloadType, parsed.ssrc, parsed.sequence, parsed.marker],
    [96, 0xdead_beef, 65_535, false],
  );
  assert.equal(packet.toString("latin1", parsed.payloadOffset, parsed.payloadEnd), "payload");
  assert.equal(extension16(packet, parsed, 5), 0x1234);
  assert.equal(extension16(packet, parsed, 6), undefined);
});

test("bytes of any kind are read without an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const packet = Buffer.from(bytes);
      const header = parseRtp(packet);
      if (header !== undefined) extension16(packet, header, 1);
      Array.from(parseRtcp(packet));
      readVp8Descriptor(packet, 0, packet.length);
    }),
    { numRuns: 500 },
  );
});

test("a NACK names exactly what is missing", () => {
  const missing = [10, 11, 26, 27, 65_535, 3];
  const items = Array.from(parseRtcp(nack(1, 77, missing)));
  assert.deepEqual(items, [{ type: "nack", ssrc: 77, sequences: missing }]);
});

test("a compound packet gives each of its parts", () => {
  const report = senderReport({
    ssrc: 5,
    cname: "somebody",
    nowUs: 1_700_000_000 * SECOND_US,
    rtpTimestamp: 90_000,
    packets: 3,
    bytes: 300,
  });
  const items = Array.from(parseRtcp(Buffer.concat([report, pictureLossIndication(1, 9)])));
  assert.deepEqual(
    items.map(({ type, ssrc }) => [type, ssrc]),
    [
      ["sender-report", 5],
      ["key-frame-request", 9],
    ],
  );
});

test("loss counts what never came, and neither what came late nor what was repaired", () => {
  const tracker = new LossTracker();
  for (const sequence of [65_533, 65_534, 1, 2, 6]) tracker.received(sequence, 0, false);
  assert.equal(tracker.received(65_535, 10, false), true, "late");
  assert.equal(tracker.received(0, 20, true), true, "repaired");
  assert.equal(tracker.received(2, 20, false), false, "twice");
  assert.deepEqual(tracker.toAskFor(100_000), [3, 4, 5]);
  assert.deepEqual(tracker.toAskFor(110_000), [], "not again at once");
  assert.equal(tracker.received(4, 200_000, true), true);
  assert.deepEqual(tracker.toAskFor(2 * SECOND_US), []);
  assert.deepEqual(tracker.take(), { expected: 10, lost: 2, repaired: 2 });
  assert.deepEqual(tracker.take(), { expected: 0, lost: 0, repaired: 0 });
});

test("congestion feedback says which packets came, and when", () => {
  const feedback = new TransportFeedback(1);
  feedback.received(65_535, 64_000);
  feedback.received(0, 64_500);
  feedback.received(3, 200_000);
  const packet = feedback.take(7);
  assert.ok(packet !== undefined);
  assert.deepEqual([packet.readUInt16BE(12), packet.readUInt16BE(14)], [65_535, 5]);
  assert.equal(packet.readUIntBE(16, 3), 1, "in units of 64 ms");
  // Small, small, missing, missing, large: two bits each behind 11.
  assert.equal(packet.readUInt16BE(20), 0b11_01_01_00_00_10_00_00);
  assert.deepEqual([packet[22], packet[23]], [0, 2]);
  assert.equal(packet.readInt16BE(24), 542);
  assert.equal(feedback.take(7), undefined, "told once");
});

test("congestion feedback begins anew where the numbers jump, and never tells of a packet twice", () => {
  const feedback = new TransportFeedback(1);
  const told = () => {
    const packet = feedback.take(7);
    return packet === undefined ? [] : [packet.readUInt16BE(12), packet.readUInt16BE(14)];
  };
  feedback.received(10, 64_000);
  feedback.received(2_010, 65_000);
  feedback.received(2_012, 66_000);
  assert.deepEqual(told(), [2_010, 3]);
  feedback.received(2_011, 67_000);
  assert.deepEqual(told(), [], "told as lost before");
  feedback.received(2_014, 68_000);
  assert.deepEqual(told(), [2_013, 2]);
});

test("a packet can be had again until as many as are kept came after it", () => {
  const history = new PacketHistory(8);
  for (let sequence = 65_500; sequence < 65_800; sequence += 1) {
    const packet = history.place(sequence & 0xffff, 4 + (sequence % 5));
    packet.fill(sequence & 0xff);
  }
  assert.equal(history.find(65_500), undefined);
  assert.equal(history.find(7), undefined, "beyond the circle's end, too");
  for (const sequence of [65_544, 65_799]) {
    const expected = Buffer.alloc(4 + (sequence % 5), sequence & 0xff);
    assert.deepEqual(history.find(sequence & 0xffff), expected);
  }
});

test("frames are put together in whatever order their packets come", () => {
  const parts = ["one", "two", "three"].map((text, index) => ({
    sequence: (65_535 + index) & 0xffff,
    timestamp: 9,
    isFirst: index === 0,
    isLast: index === 2,
    bytes: Buffer.from(text),
  }));
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: 3 }), (shuffled) => {
      const assembly = new FrameAssembly();
      const frames = shuffled.map((part) =>
        assembly
          .add(part)
          ?.map(({ bytes }) => bytes.toString())
          .join(""),
      );
      assert.deepEqual(frames, [undefined, undefined, "onetwothree"]);
    }),
  );
});
