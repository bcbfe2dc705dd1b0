import type { RemoteParticipant } from "../../client/call-state.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { Store, type Readable } from "./store.ts";

/** Plays one remote audio track. */
export interface AudioPlayer {
  /** Rejects with `NotAllowedError` where the browser wants a click first. */
  play(track: MediaStreamTrack): Promise<void>;
  setSpeaker(deviceId: string): Promise<void>;
  close(): void;
}

/** Makes a player; the id of whom it plays is for the page's inspector and for tests. */
export type CreateAudioPlayer = (participantId: ParticipantId) => AudioPlayer;

interface Playing {
  readonly player: AudioPlayer;
  track: MediaStreamTrack;
}

/** Plays everybody's sound, one player for each stream. Its state: whether the browser holds it back. */
export class AudioOutput implements Readable<{ readonly blocked: boolean }> {
  readonly #create: CreateAudioPlayer;
  readonly #playing = new Map<string, Playing>();
  readonly #store = new Store({ blocked: false });
  #speakerId: string | null;

  constructor(create: CreateAudioPlayer, speakerId: string | null) {
    this.#create = create;
    this.#speakerId = speakerId;
  }

  readonly get = (): { readonly blocked: boolean } => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  update(participants: readonly RemoteParticipant[]): void {
    const wanted = new Set<string>();
    for (const { participantId, streams } of participants) {
      for (const { source, track } of streams) {
        if (track.kind !== "audio") continue;
        const key = `${participantId}:${source}`;
        wanted.add(key);
        this.#ensure(key, participantId, track);
      }
    }
    for (const [key, { player }] of this.#playing) {
      if (wanted.has(key)) continue;
      player.close();
      this.#playing.delete(key);
    }
  }

  /** To be called from a click: the browser then lets the sound begin. */
  async unblock(): Promise<void> {
    this.#store.set({ blocked: false });
    await Promise.all([...this.#playing.values()].map((playing) => this.#play(playing)));
  }

  /** Null is the system's default speaker. */
  setSpeaker(speakerId: string | null): void {
    if (speakerId === this.#speakerId) return;
    this.#speakerId = speakerId;
    for (const { player } of this.#playing.values()) this.#applySpeaker(player);
  }

  close(): void {
    for (const { player } of this.#playing.values()) player.close();
    this.#playing.clear();
  }

  #ensure(key: string, participantId: ParticipantId, track: MediaStreamTrack): void {
    const existing = this.#playing.get(key);
    if (existing?.track === track) return;
    const playing = existing ?? { player: this.#create(participantId), track };
    playing.track = track;
    if (existing === undefined) {
      this.#playing.set(key, playing);
      if (this.#speakerId !== null) this.#applySpeaker(playing.player);
    }
    void this.#play(playing);
  }

  async #play({ player, track }: Playing): Promise<void> {
    try {
      await player.play(track);
    } catch (error) {
      // A play() that a newer one or a removal interrupts rejects with AbortError: nothing is wrong.
      if (error instanceof Error && error.name === "NotAllowedError") {
        this.#store.set({ blocked: true });
      }
    }
  }

  #applySpeaker(player: AudioPlayer): void {
    // A speaker that is gone leaves the sound where it was, which is better than none.
    player.setSpeaker(this.#speakerId ?? "").catch(() => {});
  }
}
