import type { DiagnosisStep } from "../../../src/client/diagnosis/index.ts";
import type { DiagnosisSdk } from "../../../src/web/state/connection-test-port.ts";

const relay = { region: "europe-west", place: "turn.example.org:3478" };
const far = { region: "asia", place: "turn.asia.example.org:3478" };

const good: readonly DiagnosisStep[] = [
  { check: "secure-context", state: "ok" },
  { check: "encryption", state: "ok" },
  { check: "clock", state: "ok", clockAheadMs: 12 },
  { check: "signaling", state: "ok", roundTripMs: 18.4 },
  { check: "media.udp", state: "ok", roundTripMs: 17, bytesBack: 2_100 },
  { check: "media.tcp", state: "ok", roundTripMs: 19, bytesBack: 2_100 },
  { check: "relay.udp", ...relay, state: "ok", roundTripMs: 21, bytesBack: 2_100 },
  { check: "relay.tcp", ...relay, state: "ok", roundTripMs: 22, bytesBack: 2_100 },
  { check: "relay.tls", ...relay, state: "ok", roundTripMs: 24, bytesBack: 2_100 },
];

/** What a connection test finds, by name. */
const found: Readonly<Record<string, readonly DiagnosisStep[]>> = {
  good,
  limited: [
    ...good,
    { check: "clock", state: "failed", reason: "clock-differs", clockAheadMs: -95_000 },
    { check: "media.udp", state: "failed", reason: "unreachable", place: "203.0.113.9:40000" },
    { check: "relay.udp", ...relay, state: "failed", reason: "no-allocation" },
    { check: "relay.tls", ...far, state: "failed", reason: "no-data" },
  ],
  impossible: [
    { check: "secure-context", state: "failed" },
    { check: "encryption", state: "failed", reason: "no-crypto" },
    { check: "clock", state: "failed", reason: "unreachable" },
    { check: "signaling", state: "failed", reason: "unreachable" },
  ],
  running: good.map((step, index) =>
    index < 4 ? step : ({ ...step, state: "running" } satisfies DiagnosisStep),
  ),
};

export function drawnDiagnosis(name: string): DiagnosisSdk {
  return {
    diagnose: async ({ onStep }) => {
      for (const step of found[name] ?? []) onStep(step);
      if (name === "running") await new Promise(() => {});
    },
  };
}
