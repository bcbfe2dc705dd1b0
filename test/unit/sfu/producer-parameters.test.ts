import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RtpParameters } from "../../../src/protocol/index.ts";
import { rtpParameters } from "../../../src/protocol/index.ts";
import { producerParameters } from "../../../src/sfu/producer-parameters.ts";
import { cameraParameters, microphoneParameters } from "../../support/sfu-lab.ts";

type Change = (given: RtpParameters) => Partial<RtpParameters>;

const codecChange =
  (index: number, change: Partial<RtpParameters["codecs"][number]>): Change =>
  ({ codecs }) => ({
    codecs: codecs.map((codec, i) => (i === index ? { ...codec, ...change } : codec)),
  });

const encodingChange =
  (index: number, change: Partial<RtpParameters["encodings"][number]>): Change =>
  ({ encodings }) => ({
    encodings: encodings.map((encoding, i) =>
      i === index ? { ...encoding, ...change } : encoding,
    ),
  });

function refuses(
  kind: "audio" | "video",
  given: RtpParameters,
  changes: readonly [place: string, change: Change][],
): void {
  for (const [place, change] of changes) {
    const changed = rtpParameters.parse({ ...given, ...change(given) });
    assert.throws(
      () => producerParameters(kind, changed, 3),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "unsupported-media");
        assert.ok(error.message.endsWith(`(${place})`), `${error.message} is not about ${place}`);
        return true;
      },
      place,
    );
  }
}

describe("producerParameters", () => {
  it("accepts what browsers send, and leaves out what the client says about itself", () => {
    const audio = producerParameters("audio", microphoneParameters(), 3);
    assert.deepEqual(audio.rtcp, { reducedSize: true });
    assert.equal("msid" in audio, false);
    assert.deepEqual(audio.codecs[0]?.parameters, { usedtx: 0, minptime: 10, useinbandfec: 1 });
    const video = producerParameters("video", cameraParameters(), 3);
    assert.deepEqual(
      video.codecs.map(({ mimeType, payloadType }) => [mimeType, payloadType]),
      [
        ["video/VP8", 96],
        ["video/rtx", 97],
      ],
    );
    assert.deepEqual(
      video.encodings?.map(({ rid, scalabilityMode }) => [rid, scalabilityMode]),
      [
        ["r0", "L1T3"],
        ["r1", "L1T3"],
        ["r2", "L1T3"],
      ],
    );
  });

  it("tells receivers no text that a sender chose", () => {
    const given = microphoneParameters();
    const evil = "1 a=candidate:evil";
    const { codecs, ...rest } = {
      ...given,
      msid: evil,
      rtcp: { cname: evil },
      codecs: given.codecs.map((codec) => ({
        ...codec,
        mimeType: "Audio/OPUS",
        parameters: { ...codec.parameters, "x y": evil, __proto__: 5, usedtx: 1 },
        rtcpFeedback: [{ type: evil }, { type: "nack", parameter: evil }],
      })),
    };
    const result = producerParameters("audio", rtpParameters.parse({ ...rest, codecs }), 3);
    assert.doesNotMatch(JSON.stringify(result), /evil|x y|OPUS/);
    assert.deepEqual(result.codecs[0]?.parameters, { usedtx: 0, minptime: 10, useinbandfec: 1 });
    assert.deepEqual(result.codecs[0]?.rtcpFeedback, []);
  });

  it("refuses other codecs, RED and FEC, and what doesn't fit the kind", () => {
    refuses("video", microphoneParameters(), [["codecs.mimeType", () => ({})]]);
    refuses("audio", cameraParameters(), [["codecs.mimeType", () => ({})]]);
    refuses("audio", microphoneParameters(), [
      ["codecs.mimeType", codecChange(0, { mimeType: "audio/red" })],
      ["codecs.clockRate", codecChange(0, { clockRate: 8_000 })],
      ["codecs.channels", codecChange(0, { channels: 1 })],
      ["codecs.parameters.stereo", codecChange(0, { parameters: { stereo: "1" } })],
      ["codecs.payloadType", codecChange(0, { payloadType: 72 })],
      ["codecs", ({ codecs }) => ({ codecs: [...codecs, ...codecs] })],
    ]);
    refuses("video", cameraParameters(), [
      ["codecs", codecChange(1, { mimeType: "video/ulpfec" })],
      ["codecs.parameters.apt", codecChange(1, { parameters: { apt: 97 } })],
      ["codecs.parameters.apt", codecChange(1, { parameters: {} })],
      ["codecs.payloadType", codecChange(1, { payloadType: 96 })],
      ["codecs.clockRate", codecChange(1, { clockRate: 48_000 })],
    ]);
  });

  it("accepts each codec of the routers, with layers that it may have", () => {
    const [media, rtx] = cameraParameters().codecs;
    assert.ok(media !== undefined && rtx !== undefined);
    const h264 = { "packetization-mode": 1, "profile-level-id": "42e01f" };
    const cases = [
      { mimeType: "video/VP9", given: { x: 1 }, told: { "profile-id": 0 }, mode: "L3T3_KEY" },
      { mimeType: "video/AV1", given: { tier: 0 }, told: {}, mode: "L1T3" },
      {
        mimeType: "video/H264",
        given: { ...h264, "sprop-parameter-sets": "evil" },
        told: { ...h264, "level-asymmetry-allowed": 1 },
        mode: "L1T3",
      },
    ];
    for (const { mimeType, given, told, mode } of cases) {
      const parameters = {
        ...cameraParameters(),
        codecs: [{ ...media, mimeType, parameters: given }, rtx],
        encodings: [{ ssrc: 1, scalabilityMode: mode }],
      };
      const result = producerParameters("video", rtpParameters.parse(parameters), 3);
      assert.equal(result.codecs[0]?.mimeType, mimeType);
      assert.deepEqual(result.codecs[0]?.parameters, told);
      assert.equal(result.encodings?.[0]?.scalabilityMode, mode);
    }
  });

  it("refuses H.264 of another mode or profile, and layers that a codec has not", () => {
    const camera = cameraParameters();
    const h264 = (parameters: Record<string, number | string>): Change =>
      codecChange(0, { mimeType: "video/H264", parameters });
    refuses("video", camera, [
      ["codecs.parameters.packetization-mode", h264({ "profile-level-id": "42e01f" })],
      [
        "codecs.parameters.profile-level-id",
        h264({ "packetization-mode": 1, "profile-level-id": "64001f" }),
      ],
      ["encodings.scalabilityMode", () => ({ encodings: [{ ssrc: 1, scalabilityMode: "L2T1" }] })],
    ]);
    const vp9 = codecChange(0, { mimeType: "video/VP9" });
    const several: Change = (given) => ({
      ...vp9(given),
      ...encodingChange(0, { scalabilityMode: "L3T3_KEY" })(given),
    });
    refuses("video", camera, [["encodings.scalabilityMode", several]]);
  });

  it("refuses encodings that can't be told apart, or are too many", () => {
    refuses("video", cameraParameters(), [
      ["encodings", ({ encodings }) => ({ encodings: [...encodings, { rid: "r3" }] })],
      ["encodings.rid", encodingChange(1, { rid: "r0" })],
      ["encodings.rid", encodingChange(1, { rid: "r 1" })],
      ["encodings", () => ({ encodings: [{ rid: "r0" }, { ssrc: 1 }] })],
      ["encodings.ssrc", () => ({ encodings: [{ ssrc: 1 }, { ssrc: 1 }] })],
      ["encodings.ssrc", () => ({ encodings: [{ ssrc: 1, rtx: { ssrc: 1 } }] })],
      ["encodings.ssrc", () => ({ encodings: [{ ssrc: 0 }] })],
      ["encodings.scalabilityMode", encodingChange(0, { scalabilityMode: "L2T3" })],
      ["encodings.scalabilityMode", encodingChange(0, { scalabilityMode: "L1T3 " })],
      ["encodings.codecPayloadType", encodingChange(0, { codecPayloadType: 97 })],
      ["encodings.dtx", encodingChange(0, { dtx: true })],
    ]);
    const { mid: _mid, ...nameless } = microphoneParameters();
    refuses("audio", nameless, [
      ["encodings", () => ({ encodings: [{}] })],
      ["encodings", () => ({ encodings: [{ ssrc: 1 }, { ssrc: 2 }] })],
      ["encodings.rtx", () => ({ encodings: [{ ssrc: 1, rtx: { ssrc: 2 } }] })],
    ]);
    refuses("audio", microphoneParameters(), [
      ["encodings.scalabilityMode", encodingChange(0, { scalabilityMode: "L1T3" })],
    ]);
  });

  it("refuses header extensions twice, encrypted ones, and a mid that is no token", () => {
    const [mid] = microphoneParameters().headerExtensions ?? [];
    assert.ok(mid !== undefined);
    refuses("audio", microphoneParameters(), [
      ["headerExtensions.id", () => ({ headerExtensions: [mid, mid] })],
      ["headerExtensions.uri", () => ({ headerExtensions: [mid, { ...mid, id: 9 }] })],
      ["headerExtensions.encrypt", () => ({ headerExtensions: [{ ...mid, encrypt: true }] })],
      ["mid", () => ({ mid: "a b" })],
      ["mid", () => ({ mid: "" })],
      ["mid", () => ({ mid: "01234567890123456" })],
    ]);
  });
});
