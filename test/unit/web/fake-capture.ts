import { FakeTrack } from "../../support/web-preview/fake-track.ts";
import { InMemoryDevices } from "../../support/web-preview/in-memory-devices.ts";

export interface FakeCapture {
  devices: InMemoryDevices;
  /** Every track that was opened, in order. */
  tracks: FakeTrack[];
}

/** Devices whose tracks a test can look at and unplug. */
export function fakeCapture(): FakeCapture {
  const tracks: FakeTrack[] = [];
  const devices = new InMemoryDevices((kind, device) => {
    const audio = kind === "microphone" || kind === "screen-audio";
    const track = new FakeTrack(audio ? "audio" : "video", device?.label ?? kind, device?.deviceId);
    tracks.push(track);
    return track;
  });
  return { devices, tracks };
}

export function trackOf(capture: FakeCapture, label: string): FakeTrack {
  const track = capture.tracks.findLast((candidate) => candidate.label === label);
  if (track === undefined) throw new Error(`no track ${label} was opened`);
  return track;
}
