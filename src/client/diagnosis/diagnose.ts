import { toBase64Url } from "../../lib/base64url.ts";
import type { EdgeRegion } from "../../protocol/index.ts";
import { ProtocolError, RANDOM_ID_BYTES } from "../../protocol/index.ts";
import { SignalingConnection } from "../connection/signaling-connection.ts";
import { checkClock, checkEncryption, checkSecureContext } from "./browser-checks.ts";
import type { DiagnosisStep } from "./diagnosis-step.ts";
import type { MediaWay } from "./media-probe.ts";
import { probeMedia } from "./media-probe.ts";
import { connectionUp } from "./connection-up.ts";

export interface DiagnoseOptions {
  /** The server's origin. */
  readonly origin: string;
  /** Told of each step when it begins, and again when it is done. */
  readonly onStep: (step: DiagnosisStep) => void;
  /** How long one way for media may take to connect. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 8_000;
const ROUND_TRIPS = 3;
const DIRECTIONS = ["send", "receive"] as const;

/** A step before it is done, and what it takes to do it. */
interface Trial {
  readonly step: Omit<DiagnosisStep, "state">;
  readonly way: MediaWay;
}

/**
 * Tries from this browser all that a call needs but camera and microphone: in a room of random name
 * that nobody else is in, without any media. Resolves when everything was tried, or when `signal`
 * ends it; what was found is told step by step.
 */
export async function diagnose(options: DiagnoseOptions): Promise<void> {
  const { origin, onStep, signal } = options;
  onStep(checkSecureContext());
  onStep(await checkEncryption());
  onStep({ check: "clock", state: "running" });
  onStep({ check: "signaling", state: "running" });
  onStep(await checkClock(origin, signal));
  const connection = new SignalingConnection({ url: new URL(origin) });
  try {
    onStep(await checkSignaling(connection, options));
    await tryWays(connection, options);
  } catch (error) {
    if (signal.aborted) return;
    const code = error instanceof ProtocolError ? error.code : "internal";
    onStep({ check: "signaling", state: "failed", reason: refusalOf(code), code });
  } finally {
    connection.close("diagnosed");
  }
}

/** Rejects with the `ProtocolError` of a server that lets nobody in. */
async function checkSignaling(
  connection: SignalingConnection,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: DiagnoseOptions,
): Promise<DiagnosisStep> {
  await connectionUp(connection, timeoutMs, signal);
  const times: number[] = [];
  for (let asked = 0; asked < ROUND_TRIPS; asked += 1) {
    const startedMs = performance.now();
    await connection.request("server:capabilities", {});
    times.push(performance.now() - startedMs);
  }
  const [roomId, participantId] = [randomId(), randomId()];
  await connection.request("room:join", { roomId, participantId });
  return { check: "signaling", state: "ok", roundTripMs: Math.min(...times) };
}

async function tryWays(connection: SignalingConnection, options: DiagnoseOptions): Promise<void> {
  const { onStep } = options;
  const { regions } = await connection.request("server:regions", {});
  const trials = [...directTrials, ...regions.flatMap(relayTrials)];
  for (const { step } of trials) onStep({ ...step, state: "running" });
  if (regions.length === 0) onStep({ check: "relay", state: "failed", reason: "none" });
  // Two at a time, each with one of the two transports that a participant may have.
  const waiting = [...trials];
  await Promise.all(
    DIRECTIONS.map(async (direction) => {
      for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
        onStep(await tryWay(connection, direction, trial, options));
      }
    }),
  );
}

const directTrials: readonly Trial[] = (["udp", "tcp"] as const).map((protocol) => ({
  step: { check: `media.${protocol}` },
  way: { kind: "direct", protocol },
}));

function relayTrials({ region, iceServers }: EdgeRegion): Trial[] {
  return iceServers.flatMap(({ urls, ...account }) =>
    urls.flatMap((url) => {
      const [, scheme, place] = /^(turns?):([^?]+)/.exec(url) ?? [];
      if (scheme === undefined || place === undefined) return [];
      const plain = url.endsWith("transport=tcp") ? "tcp" : "udp";
      const transport = scheme === "turns" ? "tls" : plain;
      return [
        {
          step: { check: `relay.${transport}` as const, region, place },
          way: { kind: "relay" as const, server: { urls: url, ...account } },
        },
      ];
    }),
  );
}

async function tryWay(
  connection: SignalingConnection,
  direction: (typeof DIRECTIONS)[number],
  { step, way }: Trial,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: DiagnoseOptions,
): Promise<DiagnosisStep> {
  const result = await probeMedia({ connection, direction, way, timeoutMs, signal });
  if (result.ok) {
    const { roundTripMs, bytesBack } = result;
    return {
      ...step,
      state: "ok",
      bytesBack,
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    };
  }
  const place = step.place ?? result.place;
  return {
    ...step,
    ...(place === undefined ? {} : { place }),
    state: "failed",
    reason: way.kind === "direct" ? "unreachable" : result.gathered ? "no-data" : "no-allocation",
  };
}

function refusalOf(code: string): "unreachable" | "refused" {
  return code === "disconnected" || code === "timed-out" ? "unreachable" : "refused";
}

function randomId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_ID_BYTES)));
}
