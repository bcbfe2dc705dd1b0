import type { types } from "mediasoup-client";
import { ortc } from "mediasoup-client";

/**
 * An SFU finds out how much a receiver can take by packets of a stream that is there for nothing
 * else. The library negotiates that stream in a round of its own behind the first video, which holds
 * up ICE and DTLS of a transport that has only begun. Here it comes along with that video.
 */
export function withProbationAtOnce(factory: types.HandlerFactory): types.HandlerFactory {
  return { ...factory, factory: (options) => probeAtOnce(factory.factory(options)) };
}

function probeAtOnce(handler: types.HandlerInterface): types.HandlerInterface {
  const receive = handler.receive.bind(handler);
  let included = false;
  handler.receive = async (streams) => {
    if (included) return streams.every(isProbation) ? [] : receive(streams);
    const video = streams.find(({ kind }) => kind === "video");
    if (video === undefined || isProbation(video)) return receive(streams);
    // Once at most, even if it fails: what is in a session description stays there.
    included = true;
    const results = await receive([...streams, probationOf(video)]);
    return results.slice(0, streams.length);
  };
  return handler;
}

const PROBATION_ID = "probator";

function isProbation({ trackId }: types.HandlerReceiveOptions): boolean {
  return trackId === PROBATION_ID;
}

function probationOf({ rtpParameters }: types.HandlerReceiveOptions): types.HandlerReceiveOptions {
  return {
    trackId: PROBATION_ID,
    kind: "video",
    rtpParameters: ortc.generateProbatorRtpParameters(rtpParameters),
  };
}
