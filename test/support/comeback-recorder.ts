import type { Person } from "./call-browser.ts";

/** In the order of a comeback. */
export const STAGES = ["connection", "room", "transport", "track", "frame"] as const;
/**
 * `connection`: signaling stands. `room`: the server has answered `room:join`. `transport`: a peer
 * connection stands. `track`: a tile has a new stream of somebody else. `frame`: it shows a picture.
 */
export type Stage = (typeof STAGES)[number];

export interface Moment {
  readonly stage: Stage;
  /** Since the Unix epoch, in milliseconds. */
  readonly atMs: number;
}

declare global {
  interface Window {
    moments: Moment[];
  }
}

/** How two people came back to each other, from when the later one's connection stood again. */
export interface Comeback {
  /** Until each shows a new picture of the other, in milliseconds. */
  readonly backMs: number;
  /** The longest time that either saw no new picture for, from before the trouble to the end. */
  readonly gapMs: number;
  /** How long it took from the end of the trouble until the connection stood, in milliseconds. */
  readonly connectedMs: number;
  /** When each stage ended last, of both; those that nothing had to be done for are missing. */
  readonly stages: Readonly<Partial<Record<Stage, number>>>;
}

/** Has the person's page keep its moments, from the next page on that is loaded. */
export async function recordMoments(person: Person): Promise<void> {
  await person.page.evaluateOnNewDocument(keepMoments);
}

/**
 * Resolves when all have come back from a trouble that ended at `endedMs`: those of `lost` on a new
 * connection. Everybody's page must keep its moments since before `beganMs`, or have been loaded anew.
 */
export async function awaitComeback(
  people: readonly Person[],
  lost: readonly Person[],
  beganMs: number,
  endedMs: number,
): Promise<Comeback> {
  const connectedAtMs = await Promise.all(lost.map((person) => newConnection(person, beganMs)));
  const fromMs = Math.max(beganMs, ...connectedAtMs);
  await Promise.all(people.map((person) => firstFrameAfter(person, fromMs)));
  const all = await Promise.all(people.map(({ page }) => page.evaluate(() => window.moments)));
  const backMs = all.map((moments) => firstAfter(moments, "frame", fromMs) - fromMs);
  return {
    backMs: Math.max(...backMs),
    gapMs: Math.max(...all.map((moments) => longestGap(moments, beganMs))),
    connectedMs: fromMs - endedMs,
    stages: stagesOf(all, beganMs, fromMs),
  };
}

async function newConnection(person: Person, beganMs: number): Promise<number> {
  await person.sees(
    "a new connection",
    (sinceMs: number) =>
      window.moments.some(({ stage, atMs }) => stage === "connection" && atMs > sinceMs),
    beganMs,
  );
  const moments = await person.page.evaluate(() => window.moments);
  return firstAfter(moments, "connection", beganMs);
}

async function firstFrameAfter(person: Person, fromMs: number): Promise<void> {
  await person.sees(
    "a picture of the other again",
    (sinceMs: number) =>
      window.moments.some(({ stage, atMs }) => stage === "frame" && atMs > sinceMs),
    fromMs,
  );
}

function firstAfter(moments: readonly Moment[], wanted: Stage, afterMs: number): number {
  return moments.find(({ stage, atMs }) => stage === wanted && atMs > afterMs)?.atMs ?? Number.NaN;
}

function longestGap(moments: readonly Moment[], beganMs: number): number {
  const frames = moments.filter(({ stage }) => stage === "frame").map(({ atMs }) => atMs);
  const before = frames.filter((atMs) => atMs <= beganMs).at(-1) ?? beganMs;
  const times = [before, ...frames.filter((atMs) => atMs > beganMs)];
  return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
}

function stagesOf(
  all: readonly (readonly Moment[])[],
  beganMs: number,
  fromMs: number,
): Partial<Record<Stage, number>> {
  const stages: Partial<Record<Stage, number>> = {};
  for (const wanted of STAGES) {
    // Frames go on: only the first one is an end.
    const ends = all.flatMap((moments) => {
      const later = moments.filter(
        ({ stage, atMs }) => stage === wanted && atMs > (wanted === "frame" ? fromMs : beganMs),
      );
      return wanted === "frame" ? later.slice(0, 1) : later;
    });
    if (ends.length > 0) stages[wanted] = Math.max(...ends.map(({ atMs }) => atMs)) - fromMs;
  }
  return stages;
}

/** Runs in the page, before anything else does. */
function keepMoments(): void {
  const moments: Moment[] = [];
  window.moments = moments;
  const note = (stage: Stage) => {
    moments.push({ stage, atMs: performance.timeOrigin + performance.now() });
  };
  let joinRequest: string | undefined;
  window.WebSocket = class extends WebSocket {
    constructor(...input: ConstructorParameters<typeof WebSocket>) {
      super(...input);
      this.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (typeof data !== "string") return;
        // Socket.IO protocol 5: 40 is CONNECT, 43 is ACK, and 46 one with binary parts.
        if (data.startsWith("40")) note("connection");
        const answered = /^4[36](?:\d+-)?(\d+)\[/.exec(data)?.[1];
        if (answered !== undefined && answered === joinRequest) note("room");
      });
    }

    override send(data: Parameters<WebSocket["send"]>[0]): void {
      const number = typeof data === "string" && /^42(\d+)\["room:join"/.exec(data)?.[1];
      if (typeof number === "string") joinRequest = number;
      super.send(data);
    }
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") note("transport");
      });
    }
  };
  const streams = new WeakMap<HTMLVideoElement, unknown>();
  setInterval(() => {
    const videos = document.querySelectorAll<HTMLVideoElement>(
      '[data-testid="tile"][data-self="false"] video',
    );
    for (const video of videos) {
      if (streams.get(video) === video.srcObject) continue;
      if (!streams.has(video)) {
        const next = () => {
          note("frame");
          video.requestVideoFrameCallback(next);
        };
        video.requestVideoFrameCallback(next);
      }
      streams.set(video, video.srcObject);
      note("track");
    }
  }, 10);
}
