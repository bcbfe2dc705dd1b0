import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { iceParameters, rtpParameters } from "../../../src/protocol/index.ts";

const OPUS = { mimeType: "audio/opus", payloadType: 111, clockRate: 48_000, channels: 2 };

describe("text that ends up in a session description", () => {
  it("holds no line break, with which a line of one's own could be smuggled in", () => {
    const injected = "x\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host";
    const ice = { usernameFragment: "u", password: "p" };
    assert.ok(iceParameters.safeParse(ice).success);
    assert.ok(!iceParameters.safeParse({ ...ice, usernameFragment: injected }).success);
    const parameters = { codecs: [OPUS], encodings: [{ ssrc: 1 }] };
    assert.ok(rtpParameters.safeParse(parameters).success);
    for (const change of [
      { mid: injected },
      { rtcp: { cname: injected } },
      { codecs: [{ ...OPUS, parameters: { [injected]: 1 } }] },
      { codecs: [{ ...OPUS, parameters: { minptime: injected } }] },
      { encodings: [{ rid: injected }] },
    ]) {
      assert.ok(!rtpParameters.safeParse({ ...parameters, ...change }).success);
    }
  });
});
