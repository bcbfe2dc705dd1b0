import assert from "node:assert/strict";
import { test } from "node:test";
import { longTermKey } from "../../../src/turn/credentials.ts";
import { emptyEndpoint, formatAddress } from "../../../src/turn/ip/address.ts";
import { integrityHolds } from "../../../src/turn/wire/integrity.ts";
import { attribute, messageClass, method } from "../../../src/turn/wire/stun.ts";
import { readXorAddress, StunReader } from "../../../src/turn/wire/stun-reader.ts";
import vectors from "../../vectors/stun-rfc5769.json" with { type: "json" };

const shortTermKey = Buffer.from(vectors.shortTermPassword);

function parsed(hex: string): StunReader {
  const bytes = Buffer.from(hex, "hex");
  const message = new StunReader();
  assert.ok(message.parse(bytes, 0, bytes.length));
  return message;
}

function sealed(message: StunReader, key: Buffer): boolean {
  return integrityHolds(message.buffer, 0, message.at(attribute.messageIntegrity), key);
}

test("the sample request of RFC 5769 section 2.1", () => {
  const message = parsed(vectors.request);
  assert.equal(message.method, method.binding);
  assert.equal(message.class, messageClass.request);
  assert.equal(message.text(attribute.username), "evtj:h6vY");
  // PRIORITY belongs to ICE, which a TURN server doesn't speak.
  assert.deepEqual(message.unknown, [0x0024]);
  assert.ok(sealed(message, shortTermKey));
  assert.ok(!sealed(message, Buffer.from("another key")));
});

for (const [name, hex, mapped] of [
  ["2.2, IPv4", vectors.responseIPv4, vectors.mappedIPv4],
  ["2.3, IPv6", vectors.responseIPv6, vectors.mappedIPv6],
] as const) {
  test(`the sample response of RFC 5769 section ${name}`, () => {
    const message = parsed(hex);
    assert.equal(message.class, messageClass.success);
    assert.equal(message.text(attribute.software), undefined);
    const endpoint = emptyEndpoint();
    const at = message.at(attribute.xorMappedAddress);
    assert.ok(readXorAddress(message.buffer, 0, at, endpoint));
    assert.equal(formatAddress(endpoint), mapped.address);
    assert.equal(endpoint.port, mapped.port);
    assert.ok(sealed(message, shortTermKey));
  });
}

test("the long-term credential of RFC 5769 section 2.4", () => {
  const { message: hex, username, realm, password } = vectors.longTerm;
  const message = parsed(hex);
  assert.equal(message.value(attribute.username)?.toString(), username);
  assert.equal(message.text(attribute.realm), realm);
  assert.ok(sealed(message, longTermKey(username, realm, password)));
});

test("one flipped bit is noticed, by the fingerprint or by the integrity", () => {
  const bytes = Buffer.from(vectors.request, "hex");
  const fingerprintAt = bytes.length - 8;
  const message = new StunReader();
  for (let bit = 0; bit < fingerprintAt * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const passes =
      message.parse(changed, 0, changed.length) &&
      message.has(attribute.messageIntegrity) &&
      sealed(message, shortTermKey);
    assert.ok(!passes, `bit ${bit}`);
  }
});
