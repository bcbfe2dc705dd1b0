import type { CallState, RemoteParticipant, StreamTrouble } from "../../client/call-state.ts";
import type { MediaSource, ParticipantId } from "../../protocol/index.ts";
import type { KnownPeople, Standing } from "./known-people.ts";

/** One picture of the call: a person, or a screen that somebody shares. */
export interface Tile {
  /** The same for as long as the tile stands for the same thing. */
  readonly key: string;
  readonly kind: "person" | "screen";
  readonly self: boolean;
  readonly participantId: ParticipantId;
  readonly source: MediaSource;
  /** Empty until it is known. */
  readonly name: string;
  /** Null when there is no picture, or none that could be trusted. */
  readonly video: MediaStreamTrack | null;
  readonly microphone: "on" | "muted" | "none";
  readonly speaking: boolean;
  readonly presence: RemoteParticipant["presence"];
  readonly trouble: StreamTrouble;
  /** Stands for the person's place in the palette, from 0 to 7. */
  readonly hue: number;
}

/** What a tile shows besides, which changes without the participant. */
export interface TileMarks {
  /** Which place in the row of raised hands, from 1; null with the hand down. */
  readonly handPlace: number | null;
  /** The latest emoji that they sent a moment ago. */
  readonly reaction: string | null;
  readonly standing: Standing;
  /** Their picture stands still, for no media comes at present. */
  readonly frozen: boolean;
}

export interface Tiles {
  readonly people: readonly Tile[];
  readonly screens: readonly Tile[];
}

const HUES = 8;

const SEVERITY: Readonly<Record<StreamTrouble, number>> = {
  none: 0,
  "no-key": 1,
  "wrong-epoch": 1,
  tampered: 2,
  unsealed: 3,
};

/** Tiles of a participant who didn't change are the same objects, so that views can skip them. */
const known = new WeakMap<RemoteParticipant, readonly Tile[]>();

/** The others in the order of the roster, then oneself. */
export function tilesOf(state: CallState): Tiles {
  const all = [...state.participants.flatMap(remoteTiles), selfTile(state)];
  return {
    people: all.filter(({ kind }) => kind === "person"),
    screens: all.filter(({ kind }) => kind === "screen"),
  };
}

/** The marks of one tile. */
export function marksOf(tile: Tile, state: CallState, people: KnownPeople): TileMarks {
  const { participantId, self } = tile;
  if (tile.kind === "screen") return { ...NO_MARKS, frozen: !state.mediaConnected };
  const place = state.conversation.raisedHands.indexOf(participantId);
  const reaction = state.conversation.reactions.findLast(
    (each) => each.participantId === participantId,
  );
  const remote = state.participants.find((each) => each.participantId === participantId);
  return {
    handPlace: place === -1 ? null : place + 1,
    reaction: reaction?.emoji ?? null,
    standing: remote === undefined ? "unknown" : people.standingOf(remote.name, remote.identity),
    frozen: !self && !state.mediaConnected,
  };
}

const NO_MARKS = { handPlace: null, reaction: null, standing: "unknown" } as const;

function remoteTiles(participant: RemoteParticipant): readonly Tile[] {
  const cached = known.get(participant);
  if (cached !== undefined) return cached;
  const tiles = [personTile(participant), ...screenTiles(participant)];
  known.set(participant, tiles);
  return tiles;
}

function personTile(participant: RemoteParticipant): Tile {
  const { participantId, name, presence, speaking, streams } = participant;
  const camera = streams.find(({ source }) => source === "camera");
  const microphone = streams.find(({ source }) => source === "microphone");
  const trouble = worst(
    streams.filter((stream) => isOfPerson(stream.source)).map((s) => s.trouble),
  );
  // A stream whose frames are refused shows its last good picture, which would pass for a live one.
  const live = camera !== undefined && !camera.muted && camera.trouble === "none";
  return {
    key: `${participantId}:person`,
    kind: "person",
    self: false,
    participantId,
    source: "camera",
    name,
    video: live && presence === "present" ? camera.track : null,
    microphone: microphone === undefined ? "none" : microphone.muted ? "muted" : "on",
    speaking,
    presence,
    trouble: presence === "present" ? trouble : "none",
    hue: hueOf(participantId),
  };
}

function screenTiles({ participantId, name, streams, presence }: RemoteParticipant): Tile[] {
  return streams
    .filter(({ source, muted }) => source === "screen" && !muted && presence === "present")
    .map((stream) => ({
      key: `${participantId}:screen`,
      kind: "screen",
      self: false,
      participantId,
      source: "screen",
      name,
      video: stream.trouble === "none" ? stream.track : null,
      microphone: "none",
      speaking: false,
      presence,
      trouble: stream.trouble,
      hue: hueOf(participantId),
    }));
}

/** The own screen is no tile: to look at it within itself helps nobody. */
function selfTile({ self }: CallState): Tile {
  const { participantId, name, speaking, streams } = self;
  const camera = streams.find(({ source }) => source === "camera");
  const microphone = streams.find(({ source }) => source === "microphone");
  return {
    key: `${participantId}:person`,
    kind: "person",
    self: true,
    participantId,
    source: "camera",
    name,
    video: camera === undefined || camera.muted ? null : camera.track,
    microphone: microphone === undefined ? "none" : microphone.muted ? "muted" : "on",
    speaking,
    presence: "present",
    trouble: "none",
    hue: hueOf(participantId),
  };
}

function isOfPerson(source: MediaSource): boolean {
  return source === "camera" || source === "microphone";
}

function worst(troubles: readonly StreamTrouble[]): StreamTrouble {
  return troubles.reduce<StreamTrouble>((a, b) => (SEVERITY[b] > SEVERITY[a] ? b : a), "none");
}

/** The same colour for the same participant on every screen. */
function hueOf(participantId: ParticipantId): number {
  let sum = 0;
  for (const character of participantId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}
