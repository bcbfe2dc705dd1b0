import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { publisherOffer, readDescription, viewerAnswer } from "../../../bench/sfu/janus-sdp.ts";

const OWN = {
  dtlsParameters: { fingerprints: [{ algorithm: "sha-256" as const, value: "AA:BB" }] },
  iceParameters: { usernameFragment: "ours", password: "our-password" },
};

/** As Janus 1.1.2 offers two pictures to a viewer. */
const OFFER = `v=0
o=- 1 1 IN IP4 192.0.2.2
s=VideoRoom room-1
t=0 0
a=group:BUNDLE 0 1
a=fingerprint:sha-256 C5:88
a=ice-lite
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 192.0.2.2
a=sendonly
a=mid:0
a=ice-ufrag:H9tO
a=ice-pwd:CMjvoqI2HbD3aQ8E8d89Jl
a=setup:actpass
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:97 rtx/90000
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=ssrc:111 cname:janus
a=candidate:1 1 udp 2015363327 192.0.2.2 57708 typ host
m=video 9 UDP/TLS/RTP/SAVPF 96
a=mid:1
a=ice-ufrag:H9tO
a=ice-pwd:CMjvoqI2HbD3aQ8E8d89Jl
a=rtpmap:96 VP8/90000
a=ssrc:222 cname:janus
`.replaceAll("\n", "\r\n");

describe("the session descriptions of Janus", () => {
  it("tell where to connect, and each picture's stream", () => {
    const { server, pictures } = readDescription(OFFER);
    assert.equal(server.iceParameters.usernameFragment, "H9tO");
    assert.equal(server.iceParameters.password, "CMjvoqI2HbD3aQ8E8d89Jl");
    assert.equal(server.iceCandidates[0]?.address, "192.0.2.2");
    assert.equal(server.iceCandidates[0]?.port, 57_708);
    assert.deepEqual(server.dtlsParameters.fingerprints, [
      { algorithm: "sha-256", value: "C5:88" },
    ]);
    assert.deepEqual(
      pictures.map(({ mid, ssrc, payloadType }) => [mid, ssrc, payloadType]),
      [
        ["0", 111, 96],
        ["1", 222, 96],
      ],
    );
    assert.deepEqual(pictures[0]?.headerExtensions, { mid: 1 });
  });

  it("are answered picture by picture, with what was offered of the codec alone", () => {
    const answer = viewerAnswer(OWN, readDescription(OFFER));
    assert.deepEqual(answer.match(/^a=mid:.*/gm), ["a=mid:0", "a=mid:1"]);
    assert.equal(answer.match(/^a=recvonly/gm)?.length, 2);
    assert.match(answer, /^a=rtcp-fb:96 nack\r$/m);
    assert.doesNotMatch(answer, /rtx/);
  });

  it("name this side's keys and its part in the handshake", () => {
    const offer = publisherOffer(OWN, 5_000, "somebody");
    assert.match(offer, /^a=ice-ufrag:ours\r$/m);
    assert.match(offer, /^a=fingerprint:sha-256 AA:BB\r$/m);
    assert.match(offer, /^a=setup:active\r$/m);
    assert.match(offer, /^a=ssrc:5000 cname:somebody\r$/m);
  });

  it("that lack an address are refused", () => {
    assert.throws(() => readDescription(OFFER.replace(/^a=candidate.*$/m, "")), /not to be used/);
  });
});
