import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, dtlsParametersOf } from "../../../src/client/diagnosis/session-description.ts";

const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
const offer = [
  "v=0",
  `a=fingerprint:sha-256 ${fingerprint}`,
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=mid:0",
  "",
].join("\r\n");

const transport = {
  transportId: "t",
  iceParameters: { usernameFragment: "frag", password: "word", iceLite: true },
  iceCandidates: [
    {
      foundation: "udp",
      priority: 1,
      address: "203.0.113.9",
      ip: "203.0.113.9",
      protocol: "udp" as const,
      port: 40_000,
      type: "host" as const,
    },
    {
      foundation: "tcp",
      priority: 2,
      address: "2001:db8::1",
      ip: "2001:db8::1",
      protocol: "tcp" as const,
      port: 40_001,
      type: "host" as const,
      tcpType: "passive" as const,
    },
  ],
  dtlsParameters: {
    fingerprints: [
      { algorithm: "sha-512" as const, value: "00" },
      { algorithm: "sha-256" as const, value: fingerprint },
    ],
  },
};

test("an offer's certificate, as the server is told of it", () => {
  assert.deepEqual(dtlsParametersOf(offer), {
    role: "client",
    fingerprints: [{ algorithm: "sha-256", value: fingerprint }],
  });
  assert.throws(() => dtlsParametersOf("v=0\r\n"));
});

test("the answer names the server's ways and nothing that carries media", () => {
  const answer = answerTo(offer, transport);
  const lines = answer.split("\r\n");
  for (const line of [
    "a=ice-lite",
    "a=ice-ufrag:frag",
    "a=ice-pwd:word",
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=setup:passive",
    "a=candidate:udp 1 udp 1 203.0.113.9 40000 typ host",
    "a=candidate:tcp 1 tcp 2 2001:db8::1 40001 typ host tcptype passive",
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.deepEqual(
    lines.filter((line) => line.startsWith("m=")),
    ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel"],
  );
  assert.throws(() => answerTo("v=0\r\n", transport));
});
