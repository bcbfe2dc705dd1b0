import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headerExtensionUri, rtpCapabilities } from "../../../src/protocol/index.ts";
import { routerRtpCapabilities } from "../../../src/sfu/codecs.ts";

describe("routerRtpCapabilities", () => {
  const { codecs, headerExtensions } = routerRtpCapabilities();

  it("is what the protocol allows, and nothing that it would have to drop", () => {
    rtpCapabilities.parse({ codecs, headerExtensions });
    for (const { uri } of headerExtensions) headerExtensionUri.parse(uri);
    const uris = headerExtensions.map(({ uri }) => uri).join(" ");
    assert.doesNotMatch(uris, /toffset|packet-id/);
  });

  it("is Opus with FEC and without DTX, and video with RTX, VP8 first: no RED", () => {
    assert.deepEqual(
      codecs.map(({ mimeType }) => mimeType),
      [
        "audio/opus",
        ...["VP8", "VP9", "H264", "AV1"].flatMap((name) => [`video/${name}`, "video/rtx"]),
      ],
    );
    assert.deepEqual(codecs[0]?.parameters, { useinbandfec: 1, usedtx: 0 });
    assert.equal(codecs[0]?.channels, 2);
  });
});
