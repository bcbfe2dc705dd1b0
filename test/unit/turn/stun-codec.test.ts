import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyEndpoint } from "../../../src/turn/ip/address.ts";
import type { Endpoint } from "../../../src/turn/ip/address.ts";
import { integrityHolds } from "../../../src/turn/wire/integrity.ts";
import { attribute, classOf, messageClass, messageType } from "../../../src/turn/wire/stun.ts";
import { method, methodOf } from "../../../src/turn/wire/stun.ts";
import { StunReader } from "../../../src/turn/wire/stun-reader.ts";
import { StunWriter } from "../../../src/turn/wire/stun-writer.ts";

const transactionId = Buffer.from("0102030405060708090a0b0c", "hex");
const key = Buffer.from("a key of any length");

function begun(buffer: Buffer): StunWriter {
  return new StunWriter().begin(buffer, method.send, messageClass.indication, transactionId, 0);
}

const word = fc.nat({ max: 0xffffffff });
const port = fc.nat({ max: 0xffff });
const endpoints: fc.Arbitrary<Endpoint> = fc.oneof(
  fc.record({
    family: fc.constant(4 as const),
    w0: word,
    w1: fc.constant(0),
    w2: fc.constant(0),
    w3: fc.constant(0),
    port,
  }),
  fc.record({ family: fc.constant(6 as const), w0: word, w1: word, w2: word, w3: word, port }),
);

test("what is written is read back", () => {
  const buffer = Buffer.alloc(4_000);
  const message = new StunReader();
  fc.assert(
    fc.property(
      fc.array(endpoints, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 1_300 }),
      word,
      fc.stringMatching(/^[ -~]{0,60}$/),
      (peers, data, lifetime, username) => {
        const writer = begun(buffer);
        for (const peer of peers) writer.address(attribute.xorPeerAddress, peer);
        writer.uint32(attribute.lifetime, lifetime).text(attribute.username, username);
        writer.bytes(attribute.data, Buffer.from(data)).integrity(key).fingerprint();
        assert.ok(message.parse(buffer, 0, writer.length));
        assert.equal(message.peerCount, peers.length);
        for (const [index, peer] of peers.entries()) {
          const read = emptyEndpoint();
          assert.ok(message.peer(index, read));
          assert.deepEqual(read, { ...peer });
        }
        assert.equal(message.uint32(attribute.lifetime), lifetime);
        assert.equal(message.text(attribute.username), username);
        assert.deepEqual(message.value(attribute.data), Buffer.from(data));
        const at = message.at(attribute.messageIntegrity);
        assert.ok(integrityHolds(buffer, 0, at, key));
      },
    ),
    { seed: 8656, numRuns: 200 },
  );
});

test("a message is found at any place of a buffer", () => {
  const buffer = Buffer.alloc(300);
  const { length } = begun(buffer).uint32(attribute.lifetime, 7).integrity(key).fingerprint();
  const moved = Buffer.concat([Buffer.alloc(9, 0xff), buffer.subarray(0, length), Buffer.alloc(3)]);
  const message = new StunReader();
  assert.ok(message.parse(moved, 9, 9 + length));
  assert.equal(message.uint32(attribute.lifetime), 7);
  assert.ok(integrityHolds(moved, 9, message.at(attribute.messageIntegrity), key));
});

test("no bytes make the reader throw, and none that are cut off pass", () => {
  const message = new StunReader();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      message.parse(buffer, 0, buffer.length);
    }),
    { seed: 8489, numRuns: 1_000 },
  );
  const buffer = Buffer.alloc(300);
  const { length } = begun(buffer).text(attribute.username, "name").integrity(key).fingerprint();
  for (let end = 0; end < length; end += 1) assert.ok(!message.parse(buffer, 0, end), `${end}`);
});

test("attributes after MESSAGE-INTEGRITY are not believed", () => {
  const buffer = Buffer.alloc(300);
  const writer = begun(buffer).uint32(attribute.lifetime, 1).integrity(key);
  writer.uint32(attribute.requestedTransport, 17 << 24).uint32(0x7abc, 1);
  const message = new StunReader();
  assert.ok(message.parse(buffer, 0, writer.length));
  assert.equal(message.uint32(attribute.lifetime), 1);
  assert.ok(!message.has(attribute.requestedTransport));
  assert.ok(!message.hasUnknown);
});

test("of repeated attributes the first counts", () => {
  const buffer = Buffer.alloc(300);
  const writer = begun(buffer).uint32(attribute.lifetime, 1).uint32(attribute.lifetime, 2);
  const message = new StunReader();
  assert.ok(message.parse(buffer, 0, writer.length));
  assert.equal(message.uint32(attribute.lifetime), 1);
});

test("an attribute of another size than its own is not there", () => {
  const buffer = Buffer.alloc(300);
  const writer = begun(buffer).bytes(attribute.lifetime, Buffer.alloc(5));
  const message = new StunReader();
  assert.ok(message.parse(buffer, 0, writer.length));
  assert.equal(message.uint32(attribute.lifetime), undefined);
  assert.ok(message.has(attribute.lifetime));
});

test("an address whose family and length differ is malformed", () => {
  const buffer = Buffer.alloc(300);
  const writer = begun(buffer).bytes(
    attribute.xorPeerAddress,
    Buffer.from("0002aaaabbbbbbbb", "hex"),
  );
  const message = new StunReader();
  assert.ok(message.parse(buffer, 0, writer.length));
  assert.ok(!message.peer(0, emptyEndpoint()));
});

test("more peers than a request may name make it malformed", () => {
  const buffer = Buffer.alloc(4_000);
  const writer = begun(buffer);
  for (let index = 0; index < 65; index += 1) {
    writer.address(attribute.xorPeerAddress, {
      family: 4,
      w0: index,
      w1: 0,
      w2: 0,
      w3: 0,
      port: 1,
    });
  }
  assert.ok(!new StunReader().parse(buffer, 0, writer.length));
});

test("method and class survive the message type", () => {
  for (let number = 0; number < 0x1000; number += 7) {
    for (const each of Object.values(messageClass)) {
      const type = messageType(number, each);
      assert.deepEqual([methodOf(type), classOf(type)], [number, each]);
    }
  }
});
