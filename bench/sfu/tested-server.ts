import type {
  MediaEngine,
  ReceivedStream,
  SentStream,
} from "../../loadtest/engine/media-engine.ts";

/** What a server and a publisher agreed on. */
export type SentForm = Omit<
  SentStream,
  "participant" | "active" | "audioLevelDbov" | "phase" | "stream"
>;
/** What a server and a viewer agreed on of one picture; `from` is its publisher. */
export type ReceivedForm = Omit<
  ReceivedStream,
  "participant" | "openShare" | "active" | "source" | "stream"
>;

/** A room on a server under test. Participants are named by the caller, each name once. */
export interface ServerRoom {
  /** Connects somebody who sends a picture, and announces it. */
  publish(participant: string): Promise<SentForm>;
  /** Connects somebody who receives the pictures of all who publish by now. */
  watch(participant: string): Promise<readonly ReceivedForm[]>;
  close(): void;
}

/** A server that runs, with nothing but what the measurement needs. */
export interface TestedServer {
  readonly name: "aparte" | "janus";
  /** For the report. */
  readonly version: string;
  /** What forwards packets. */
  readonly mediaPids: readonly number[];
  /** What else the service consists of; nothing where one process does all. */
  readonly controlPids: readonly number[];
  openRoom(engine: MediaEngine): Promise<ServerRoom>;
  stop(): Promise<void>;
}

/** The layer of `loadtest/media` that every publisher sends, alone: 640×360, 30 frames a second. */
export const SENT_LAYER = 1;
