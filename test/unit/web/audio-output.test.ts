import assert from "node:assert/strict";
import { test } from "node:test";
import { AudioOutput, type AudioPlayer } from "../../../src/web/state/audio-output.ts";
import { FakeTrack } from "../../support/web-preview/fake-track.ts";
import { remoteParticipant, remoteStream } from "../../support/web-preview/in-memory-call.ts";
import { settle } from "./settle.ts";

class FakePlayer implements AudioPlayer {
  readonly participantId: string;
  readonly played: MediaStreamTrack[] = [];
  speaker = "";
  closed = false;
  refusal: Error | null = null;

  constructor(participantId: string) {
    this.participantId = participantId;
  }

  async play(track: MediaStreamTrack): Promise<void> {
    this.played.push(track);
    await Promise.resolve();
    if (this.refusal !== null) throw this.refusal;
  }

  async setSpeaker(deviceId: string): Promise<void> {
    this.speaker = deviceId;
    await Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

function setup(speakerId: string | null = null, refusal: Error | null = null) {
  const players: FakePlayer[] = [];
  const output = new AudioOutput((participantId) => {
    const player = new FakePlayer(participantId);
    player.refusal = refusal;
    players.push(player);
    return player;
  }, speakerId);
  return { players, output };
}

const microphone = (track: FakeTrack) => remoteStream("microphone", track);

test("each audio stream has one player, video has none, and who goes is closed", () => {
  const { players, output } = setup();
  const track = new FakeTrack("audio", "a");
  const screenSound = new FakeTrack("audio", "s");
  const ada = remoteParticipant("ada", {
    streams: [
      microphone(track),
      remoteStream("camera", new FakeTrack("video", "v")),
      remoteStream("screen-audio", screenSound),
    ],
  });
  output.update([ada]);
  output.update([{ ...ada, speaking: true }]);
  assert.deepEqual(
    players.map(({ participantId, played }) => [participantId, played.length]),
    [
      ["ada", 1],
      ["ada", 1],
    ],
  );
  output.update([remoteParticipant("ada", { streams: [microphone(track)] })]);
  assert.deepEqual(
    players.map(({ closed }) => closed),
    [false, true],
  );
  output.update([]);
  assert.ok(players.every(({ closed }) => closed));
});

test("a new track of the same stream is played by the same player", () => {
  const { players, output } = setup();
  const [first, second] = [new FakeTrack("audio", "1"), new FakeTrack("audio", "2")];
  output.update([remoteParticipant("ada", { streams: [microphone(first)] })]);
  output.update([remoteParticipant("ada", { streams: [microphone(second)] })]);
  assert.deepEqual(players[0]?.played, [first, second]);
  assert.equal(players.length, 1);
});

test("sound that the browser holds back is told, and begins after a click", async () => {
  const { players, output } = setup(null, new DOMException("no gesture", "NotAllowedError"));
  output.update([remoteParticipant("ada", { streams: [microphone(new FakeTrack("audio", "a"))] })]);
  await settle();
  assert.equal(output.get().blocked, true);
  for (const player of players) player.refusal = null;
  await output.unblock();
  assert.equal(output.get().blocked, false);
  assert.equal(players[0]?.played.length, 2);
});

test("a play that a newer one interrupts is nothing to tell", async () => {
  const { output } = setup(null, new DOMException("interrupted", "AbortError"));
  output.update([remoteParticipant("ada", { streams: [microphone(new FakeTrack("audio", "a"))] })]);
  await settle();
  assert.equal(output.get().blocked, false);
});

test("the chosen speaker is used by those who play and those who come", () => {
  const { players, output } = setup("speaker-1");
  const streams = [microphone(new FakeTrack("audio", "a"))];
  output.update([remoteParticipant("ada", { streams })]);
  assert.equal(players[0]?.speaker, "speaker-1");
  output.setSpeaker("speaker-2");
  output.update([remoteParticipant("ada", { streams }), remoteParticipant("bob", { streams })]);
  assert.deepEqual(
    players.map(({ speaker }) => speaker),
    ["speaker-2", "speaker-2"],
  );
  output.setSpeaker(null);
  assert.equal(players[0]?.speaker, "");
});
