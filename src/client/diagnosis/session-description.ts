import type { DtlsParameters, TransportDescription } from "../../protocol/index.ts";

/** SHA-256 fingerprint of the certificate in an offer (RFC 8122 section 5). */
export function dtlsParametersOf(offer: string): DtlsParameters {
  const [, value] = /^a=fingerprint:sha-256 ([\dA-F:]+)\r?$/im.exec(offer) ?? [];
  if (value === undefined) throw new Error("the offer has no fingerprint");
  return { role: "client", fingerprints: [{ algorithm: "sha-256", value }] };
}

/**
 * The SFU's answer to an offer of one data channel. There is no media in it, so that nothing can be
 * sent that would have to be sealed; what is tried is ICE and DTLS, by which media would go.
 */
export function answerTo(
  offer: string,
  { iceParameters, iceCandidates, dtlsParameters }: TransportDescription,
): string {
  const [, mid] = /^a=mid:(\S+)\r?$/m.exec(offer) ?? [];
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === "sha-256");
  if (mid === undefined || fingerprint === undefined) throw new Error("no answer fits this offer");
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    ...(iceParameters.iceLite === true ? ["a=ice-lite"] : []),
    `a=group:BUNDLE ${mid}`,
    `a=fingerprint:sha-256 ${fingerprint.value}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=setup:passive",
    "a=sctp-port:5000",
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    ...iceCandidates.map(candidateLine),
    "a=end-of-candidates",
  ];
  return `${lines.join("\r\n")}\r\n`;
}

/** RFC 8839 section 5.1, RFC 6544 section 4.5 for TCP. */
function candidateLine({
  foundation,
  protocol,
  priority,
  address,
  port,
  type,
  tcpType,
}: TransportDescription["iceCandidates"][number]): string {
  const tcp = tcpType === undefined ? "" : ` tcptype ${tcpType}`;
  return `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ ${type}${tcp}`;
}
