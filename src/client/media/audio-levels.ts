import type { MediaSource, ParticipantId } from "../../protocol/index.ts";

/** What the levels are read of. `MediaSession` is one. */
export interface HeardMedia {
  /** Everything about what is received; undefined while the way for it is not open. */
  receivedReport(): Promise<Iterable<unknown> | undefined>;
  readonly remote: {
    readonly list: ReadonlyArray<{
      readonly participantId: ParticipantId;
      readonly source: MediaSource;
      readonly track: { readonly id: string };
    }>;
  };
  readonly local: { readonly senders: ReadonlyMap<MediaSource, RTCRtpSender> };
}

interface Sound {
  readonly energy: number;
  readonly durationS: number;
}

/**
 * How loud each microphone is, from the decoded sound (W3C webrtc-stats, `totalAudioEnergy`): RTP
 * packets could carry it too, but there the server would see who speaks.
 */
export class AudioLevels {
  readonly #media: HeardMedia;
  readonly #self: ParticipantId;
  /** By track, as of the last reading. */
  #heard = new Map<string, Sound>();

  constructor(media: HeardMedia, self: ParticipantId) {
    this.#media = media;
    this.#self = self;
  }

  /** Since the last reading, 0 to 1 (linear). */
  async read(): Promise<ReadonlyMap<ParticipantId, number>> {
    const levels = new Map<ParticipantId, number>();
    const report = await this.#media.receivedReport();
    if (report === undefined) return levels;
    const sounds = new Map<string, Sound>();
    for (const stats of report) {
      if (isInboundAudio(stats)) {
        const { totalAudioEnergy: energy, totalSamplesDuration: durationS } = stats;
        sounds.set(stats.trackIdentifier, { energy, durationS });
      }
    }
    for (const { participantId, source, track } of this.#media.remote.list) {
      const now = sounds.get(track.id);
      if (source !== "microphone" || now === undefined) continue;
      levels.set(participantId, levelBetween(this.#heard.get(track.id), now));
    }
    this.#heard = sounds;
    levels.set(this.#self, await sentLevel(this.#media.local.senders.get("microphone")));
    return levels;
  }
}

/** The root of the mean square of all samples between. */
function levelBetween(before: Sound | undefined, now: Sound): number {
  const durationS = now.durationS - (before?.durationS ?? now.durationS);
  const energy = now.energy - (before?.energy ?? now.energy);
  return durationS > 0 && energy > 0 ? Math.sqrt(energy / durationS) : 0;
}

/** The loudness of what a sender's track captures now; 0 when nothing is sent. */
async function sentLevel(sender: RTCRtpSender | undefined): Promise<number> {
  if (sender?.track?.readyState !== "live") return 0;
  let level = 0;
  const report: ReadonlyMap<string, unknown> = new Map(await sender.getStats());
  for (const stats of report.values()) {
    if (isAudioSource(stats)) level = Math.max(level, stats.audioLevel);
  }
  return level;
}

function isInboundAudio(stats: unknown): stats is {
  readonly trackIdentifier: string;
  readonly totalAudioEnergy: number;
  readonly totalSamplesDuration: number;
} {
  return (
    typeof stats === "object" &&
    stats !== null &&
    "type" in stats &&
    stats.type === "inbound-rtp" &&
    "trackIdentifier" in stats &&
    typeof stats.trackIdentifier === "string" &&
    "totalAudioEnergy" in stats &&
    typeof stats.totalAudioEnergy === "number" &&
    "totalSamplesDuration" in stats &&
    typeof stats.totalSamplesDuration === "number"
  );
}

function isAudioSource(stats: unknown): stats is { audioLevel: number } {
  return (
    typeof stats === "object" &&
    stats !== null &&
    "type" in stats &&
    stats.type === "media-source" &&
    "audioLevel" in stats &&
    typeof stats.audioLevel === "number"
  );
}
