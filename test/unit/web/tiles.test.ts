import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownPeople } from "../../../src/web/state/known-people.ts";
import { marksOf, tilesOf } from "../../../src/web/state/tiles.ts";
import { FakeTrack } from "../../support/web-preview/fake-track.ts";
import {
  InMemoryCall,
  remoteParticipant,
  remoteStream,
} from "../../support/web-preview/in-memory-call.ts";

const video = () => new FakeTrack("video", "camera");
const audio = () => new FakeTrack("audio", "microphone");

function tilesWith(...participants: Parameters<typeof remoteParticipant>[1][]) {
  const call = new InMemoryCall({
    participants: participants.map((change, index) => remoteParticipant(`p${index}`, change)),
  });
  return tilesOf(call.state);
}

test("everybody has a tile, oneself the last", () => {
  const { people, screens } = tilesWith({}, {});
  assert.deepEqual(
    people.map(({ participantId, self }) => [participantId, self]),
    [
      ["p0", false],
      ["p1", false],
      ["selfselfselfselfselfsA", true],
    ],
  );
  assert.deepEqual(screens, []);
});

test("a camera that is muted, troubled or of somebody absent is not shown", () => {
  const track = video();
  const camera = (change = {}) => ({ streams: [remoteStream("camera", track, change)] });
  const { people } = tilesWith(
    camera(),
    camera({ muted: true }),
    camera({ trouble: "tampered" }),
    { ...camera(), presence: "away" },
    { ...camera(), presence: "leaving" },
  );
  assert.deepEqual(
    people.slice(0, 5).map((tile) => tile.video === track),
    [true, false, false, false, false],
  );
});

test("the worst trouble of a person's streams is the one that is told", () => {
  const { people } = tilesWith({
    streams: [
      remoteStream("camera", video(), { trouble: "no-key" }),
      remoteStream("microphone", audio(), { trouble: "unsealed" }),
    ],
  });
  assert.equal(people[0]?.trouble, "unsealed");
});

test("a microphone is on, muted, or not there", () => {
  const { people } = tilesWith(
    { streams: [remoteStream("microphone", audio())] },
    { streams: [remoteStream("microphone", audio(), { muted: true })] },
    {},
  );
  assert.deepEqual(
    people.slice(0, 3).map(({ microphone }) => microphone),
    ["on", "muted", "none"],
  );
});

test("a shared screen is a tile of its own, with its own trouble", () => {
  const track = video();
  const { people, screens } = tilesWith(
    { streams: [remoteStream("screen", track)] },
    { streams: [remoteStream("screen", video(), { trouble: "no-key" })] },
    { streams: [remoteStream("screen", video(), { muted: true })] },
  );
  assert.equal(screens.length, 2);
  assert.equal(screens[0]?.video, track);
  assert.equal(screens[1]?.video, null);
  assert.equal(screens[1]?.trouble, "no-key");
  assert.equal(people[1]?.trouble, "none");
  assert.notEqual(screens[0]?.key, people[0]?.key);
});

test("the own screen is no tile, the own camera is", () => {
  const camera = video();
  const call = new InMemoryCall();
  call.change({
    self: {
      ...call.state.self,
      streams: [
        { source: "camera", track: camera, muted: false },
        { source: "screen", track: video(), muted: false },
        { source: "microphone", track: audio(), muted: true },
      ],
    },
  });
  const { people, screens } = tilesOf(call.state);
  assert.deepEqual(screens, []);
  assert.equal(people[0]?.video, camera);
  assert.equal(people[0]?.microphone, "muted");
});

test("a participant who did not change keeps the same tile", () => {
  const steady = remoteParticipant("p0");
  const call = new InMemoryCall({ participants: [steady, remoteParticipant("p1")] });
  const before = tilesOf(call.state).people;
  call.change({ participants: [steady, remoteParticipant("p1", { speaking: true })] });
  const after = tilesOf(call.state).people;
  assert.equal(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
  assert.equal(after[1]?.speaking, true);
});

test("a tile is marked with the place of the hand, the latest sign, and whether it stands still", () => {
  const call = new InMemoryCall({
    participants: [
      remoteParticipant("p0", { name: "Ada" }),
      remoteParticipant("p1", { streams: [remoteStream("screen", video())] }),
    ],
    mediaConnected: false,
    conversation: {
      chat: [],
      reactions: [
        { id: 1, participantId: "p0", name: "Ada", emoji: "👍" },
        { id: 2, participantId: "p0", name: "Ada", emoji: "🎉" },
      ],
      raisedHands: ["p1", "p0"],
    },
  });
  const people = new KnownPeople({ getItem: () => null, setItem: () => {} });
  people.setVerified("Ada", { key: "key-of-p0", kept: true }, true);
  const { people: tiles, screens } = tilesOf(call.state);
  const marks = [...tiles, ...screens].map((tile) => marksOf(tile, call.state, people));
  assert.deepEqual(marks, [
    { handPlace: 2, reaction: "🎉", standing: "verified", frozen: true },
    { handPlace: 1, reaction: null, standing: "unknown", frozen: true },
    { handPlace: null, reaction: null, standing: "unknown", frozen: false },
    { handPlace: null, reaction: null, standing: "unknown", frozen: true },
  ]);
});
