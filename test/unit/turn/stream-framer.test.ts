import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StreamFramer } from "../../../src/turn/wire/stream-framer.ts";

function framer(frames: string[], limit = 70_000): StreamFramer {
  return new StreamFramer({
    onFrame: (buffer, start, end) => frames.push(buffer.subarray(start, end).toString("hex")),
    frameBytesMax: () => limit,
  });
}

function stunMessage(attributesLength: number): Buffer {
  const bytes = Buffer.alloc(20 + attributesLength, 0x55);
  bytes.writeUInt16BE(0x0001, 0);
  bytes.writeUInt16BE(attributesLength, 2);
  bytes.writeUInt32BE(0x2112a442, 4);
  return bytes;
}

function channelData(length: number): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(length / 4) * 4, 0x66);
  bytes.writeUInt16BE(0x4001, 0);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

const messages = fc.oneof(
  fc.nat({ max: 40 }).map((words) => stunMessage(words * 4)),
  fc.nat({ max: 200 }).map(channelData),
);

test("cuts the same messages out, however the stream arrives", () => {
  fc.assert(
    fc.property(
      fc.array(messages, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 50 }),
      (sent, cuts) => {
        const stream = Buffer.concat(sent);
        const frames: string[] = [];
        const taken = framer(frames);
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          assert.ok(taken.push(stream.subarray(at, at + size)));
          at += size;
        }
        assert.deepEqual(
          frames,
          sent.map((message) => message.toString("hex")),
        );
        assert.equal(taken.pending, 0);
      },
    ),
    { seed: 5766, numRuns: 200 },
  );
});

test("ends streams that are no TURN", () => {
  const http = Buffer.from("GET / HTTP/1.1\r\n\r\n");
  const tls = Buffer.from("1603010200010001fc0303", "hex");
  const wrongCookie = stunMessage(0);
  wrongCookie.writeUInt32BE(1, 4);
  const oddLength = stunMessage(0);
  oddLength.writeUInt16BE(3, 2);
  const highChannel = Buffer.from("80010000", "hex");
  for (const bytes of [http, tls, wrongCookie, oddLength, highChannel]) {
    const frames: string[] = [];
    // The limit of a client without allocation: HTTP reads like a long ChannelData.
    assert.equal(framer(frames, 2_048).push(bytes), false, bytes.toString("hex"));
    assert.deepEqual(frames, []);
  }
});

test("ends a stream whose message is larger than it may be, before it has arrived", () => {
  const frames: string[] = [];
  assert.equal(framer(frames, 100).push(stunMessage(100).subarray(0, 8)), false);
  assert.equal(framer(frames, 100).push(channelData(100).subarray(0, 4)), false);
  assert.deepEqual(frames, []);
});
