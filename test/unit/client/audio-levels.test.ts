import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeardMedia } from "../../../src/client/media/audio-levels.ts";
import { AudioLevels } from "../../../src/client/media/audio-levels.ts";
import { sealableCapabilities } from "../../../src/client/media/sealable-capabilities.ts";
import { routerRtpCapabilities } from "../../../src/sfu/codecs.ts";

type Stream = HeardMedia["remote"]["list"][number];

function heard(report: { current: object[] | undefined }, list: Stream[]): AudioLevels {
  return new AudioLevels(
    {
      receivedReport: async () => Promise.resolve(report.current),
      remote: { list },
      local: { senders: new Map() },
    },
    "self",
  );
}

const inbound = (
  trackIdentifier: string,
  totalAudioEnergy: number,
  totalSamplesDuration: number,
) => ({
  type: "inbound-rtp",
  trackIdentifier,
  totalAudioEnergy,
  totalSamplesDuration,
});
const microphoneOf = (participantId: string): Stream => ({
  participantId,
  source: "microphone",
  track: { id: `${participantId}'s` },
});

test("a level is the root of the mean square between two readings", async () => {
  const report = { current: [inbound("ada's", 1, 10), inbound("bob's", 0, 10)] };
  const levels = heard(report, [microphoneOf("ada"), microphoneOf("bob")]);
  assert.deepEqual(
    [...(await levels.read())],
    [
      ["ada", 0],
      ["bob", 0],
      ["self", 0],
    ],
  );
  report.current = [inbound("ada's", 1.05, 10.2), inbound("bob's", 0, 10.2)];
  const second = await levels.read();
  assert.ok(Math.abs((second.get("ada") ?? 0) - 0.5) < 1e-6);
  assert.equal(second.get("bob"), 0);
  assert.equal((await levels.read()).get("ada"), 0, "nothing came meanwhile");
});

test("only microphones count, and only what there are figures of", async () => {
  const report = {
    current: [
      inbound("ada's", 1, 1),
      { type: "inbound-rtp", trackIdentifier: "bob's" },
      { type: "x" },
    ],
  };
  const screen: Stream = { participantId: "cyd", source: "screen-audio", track: { id: "ada's" } };
  const levels = heard(report, [microphoneOf("bob"), screen]);
  assert.deepEqual([...(await levels.read()).keys()], ["self"]);
});

test("nobody is asked while the way is not open", async () => {
  const levels = heard({ current: undefined }, [microphoneOf("ada")]);
  assert.equal((await levels.read()).size, 0);
});

test("packets carry no level unless it is wanted, whatever the server offers", () => {
  const offered = routerRtpCapabilities();
  const uris = (audioLevels: boolean) =>
    (sealableCapabilities(offered, { audioLevels }).headerExtensions ?? []).map(({ uri }) => uri);
  const level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
  assert.ok(uris(true).includes(level));
  assert.deepEqual(
    uris(false),
    uris(true).filter((uri) => uri !== level),
  );
});
