import type { HeaderExtensionIds } from "../../loadtest/engine/media-engine.ts";
import type { OwnEnd, ServerEnd } from "./engine-transport.ts";

/** The same on both ends, so that no payload type has to be looked up. */
export const PAYLOAD_TYPE = 96;
export const CLOCK_RATE = 90_000;

const TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
const OFFERED = { mid: 1, transportCc: 2 } as const;

/** One picture of a description by Janus. */
export interface DescribedPicture {
  readonly mid: string;
  readonly payloadType: number;
  readonly ssrc: number | undefined;
  readonly headerExtensions: HeaderExtensionIds;
  /** The media line itself, and what must be answered word for word. */
  readonly codecLines: readonly string[];
}

export interface Description {
  readonly server: ServerEnd;
  readonly pictures: readonly DescribedPicture[];
}

/** What a publisher offers: one VP8 stream. This side is the one to begin DTLS. */
export function publisherOffer(own: OwnEnd, ssrc: number, cname: string): string {
  const picture = [
    `m=video 9 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`,
    ...connectionLines(own),
    "a=mid:0",
    "a=sendonly",
    "a=rtcp-mux",
    `a=rtpmap:${PAYLOAD_TYPE} VP8/${CLOCK_RATE}`,
    ...["nack", "nack pli", "ccm fir", "transport-cc"].map(
      (feedback) => `a=rtcp-fb:${PAYLOAD_TYPE} ${feedback}`,
    ),
    `a=extmap:${OFFERED.mid} ${MID}`,
    `a=extmap:${OFFERED.transportCc} ${TRANSPORT_CC}`,
    `a=ssrc:${ssrc} cname:${cname}`,
  ];
  return session(["0"], picture);
}

/** What a viewer answers to Janus's offer: all of it is welcome. */
export function viewerAnswer(own: OwnEnd, { pictures }: Description): string {
  const lines = pictures.flatMap(({ mid, payloadType, codecLines }) => [
    `m=video 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    ...connectionLines(own),
    `a=mid:${mid}`,
    "a=recvonly",
    "a=rtcp-mux",
    ...codecLines,
  ]);
  return session(
    pictures.map(({ mid }) => mid),
    lines,
  );
}

/** Reads an offer or an answer of Janus. Throws when it lacks what a transport needs. */
export function readDescription(sdp: string): Description {
  const [head = "", ...sections] = sdp.split(/^(?=m=)/m);
  const first = `${head}${sections[0] ?? ""}`;
  const fingerprint = /^a=fingerprint:(\S+) (\S+)/m.exec(first);
  const candidate = /^a=candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ host/im.exec(first);
  if (fingerprint === null || candidate === null) throw new Error(`not to be used:\n${sdp}`);
  const [, foundation = "", priority, address = "", port] = candidate;
  return {
    server: {
      iceParameters: {
        usernameFragment: valueOf(first, "ice-ufrag"),
        password: valueOf(first, "ice-pwd"),
        iceLite: true,
      },
      iceCandidates: [
        {
          foundation,
          priority: Number(priority),
          address,
          ip: address,
          protocol: "udp",
          port: Number(port),
          type: "host",
        },
      ],
      dtlsParameters: {
        role: "server",
        fingerprints: [{ algorithm: algorithmOf(fingerprint[1]), value: fingerprint[2] ?? "" }],
      },
    },
    pictures: sections.map(readPicture),
  };
}

function readPicture(section: string): DescribedPicture {
  const payloadType = Number(/^m=video \d+ \S+ (\d+)/.exec(section)?.[1]);
  const ssrc = /^a=ssrc:(\d+) /m.exec(section)?.[1];
  const mid = extensionOf(section, MID);
  const transportCc = extensionOf(section, TRANSPORT_CC);
  const isOfCodec = (line: string) =>
    ["rtpmap", "rtcp-fb", "fmtp"].some((name) => line.startsWith(`a=${name}:${payloadType} `));
  const isExtension = (line: string) => line.includes(MID) || line.includes(TRANSPORT_CC);
  return {
    mid: valueOf(section, "mid"),
    payloadType,
    ssrc: ssrc === undefined ? undefined : Number(ssrc),
    headerExtensions: {
      ...(mid === undefined ? {} : { mid }),
      ...(transportCc === undefined ? {} : { transportCc }),
    },
    codecLines: section.split(/\r?\n/).filter((line) => isOfCodec(line) || isExtension(line)),
  };
}

function session(mids: readonly string[], media: readonly string[]): string {
  const head = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${mids.join(" ")}`,
  ];
  return [...head, ...media, ""].join("\r\n");
}

function connectionLines({ dtlsParameters, iceParameters }: OwnEnd): string[] {
  if (iceParameters === undefined) throw new Error("the engine tells no ICE credentials");
  return [
    "c=IN IP4 127.0.0.1",
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    // Janus doesn't begin without any. The generator's real address is learnt from its checks.
    "a=candidate:1 1 udp 2113937151 127.0.0.1 9 typ host",
    ...dtlsParameters.fingerprints.map(
      ({ algorithm, value }) => `a=fingerprint:${algorithm} ${value}`,
    ),
    "a=setup:active",
  ];
}

function valueOf(section: string, name: string): string {
  const value = new RegExp(`^a=${name}:(\\S+)`, "m").exec(section)?.[1];
  if (value === undefined) throw new Error(`Janus told no ${name}:\n${section}`);
  return value;
}

function extensionOf(section: string, uri: string): number | undefined {
  const id = section
    .split(/\r?\n/)
    .map((line) => /^a=extmap:(\d+)\S* (\S+)/.exec(line))
    .find((found) => found?.[2] === uri)?.[1];
  return id === undefined ? undefined : Number(id);
}

function algorithmOf(text = ""): "sha-256" | "sha-384" | "sha-512" {
  const known = (["sha-256", "sha-384", "sha-512"] as const).find(
    (name) => name === text.toLowerCase(),
  );
  if (known === undefined) throw new Error(`Janus's certificate has a fingerprint by ${text}`);
  return known;
}
