import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiagnoseOptions, DiagnosisStep } from "../../../src/client/diagnosis/index.ts";
import { ConnectionTest, isGrave, verdictOf } from "../../../src/web/state/connection-test.ts";
import { connectionReport } from "../../../src/web/ui/connection-test-report.ts";
import { stepText } from "../../../src/web/ui/connection-test-strings.ts";
import { settle } from "./settle.ts";

const fine: readonly DiagnosisStep[] = [
  { check: "secure-context", state: "ok" },
  { check: "encryption", state: "ok" },
  { check: "signaling", state: "ok" },
  { check: "media.udp", state: "ok" },
];

function setup(diagnose: (options: DiagnoseOptions) => Promise<void>) {
  return new ConnectionTest({
    origin: "https://aparte.example",
    loadDiagnosis: async () => Promise.resolve({ diagnose }),
    permissionOf: async (kind) => Promise.resolve(kind === "camera" ? "denied" : "prompt"),
  });
}

test("steps take the place of what they were, and the verdict comes last", async () => {
  let finish = () => {};
  const it = setup(async ({ onStep }) => {
    onStep({ check: "media.udp", state: "running" });
    onStep({ check: "relay.udp", region: "eu", place: "a:1", state: "running" });
    onStep({ check: "relay.udp", region: "eu", place: "b:1", state: "running" });
    await new Promise<void>((resolve) => (finish = resolve));
    for (const step of fine) onStep(step);
    onStep({ check: "relay.udp", region: "eu", place: "a:1", state: "ok" });
    onStep({ check: "relay.udp", region: "eu", place: "b:1", state: "ok" });
  });
  const done = it.start();
  await settle();
  assert.equal(it.get().verdict, "running");
  finish();
  await done;
  const { steps, verdict } = it.get();
  assert.equal(verdict, "limited", "the camera is refused");
  assert.equal(new Set(steps).size, steps.length);
  assert.deepEqual(
    steps.filter(({ check }) => check === "relay.udp").map(({ state }) => state),
    ["ok", "ok"],
  );
});

test("a second start forgets the first, and an end is final", async () => {
  const seen: DiagnoseOptions[] = [];
  const it = setup(async (options) => {
    seen.push(options);
    await new Promise((resolve) => options.signal.addEventListener("abort", resolve));
  });
  void it.start();
  await settle();
  void it.start();
  await settle();
  assert.deepEqual(
    seen.map(({ signal }) => signal.aborted),
    [true, false],
  );
  seen[0]?.onStep({ check: "media.udp", state: "ok" });
  assert.ok(
    it.get().steps.every(({ check }) => check !== "media.udp"),
    "it comes too late",
  );
  it.stop();
  assert.equal(seen[1]?.signal.aborted, true);
});

test("what can't even be loaded is a server that can't be reached", async () => {
  const it = new ConnectionTest({
    origin: "https://aparte.example",
    loadDiagnosis: async () => Promise.reject(new Error("offline")),
    permissionOf: async () => Promise.resolve("granted"),
  });
  await it.start();
  assert.equal(it.get().verdict, "impossible");
});

test("one way for media is enough, and none is not", () => {
  assert.equal(verdictOf(fine), "good");
  const blocked: DiagnosisStep = { check: "media.udp", state: "failed", reason: "unreachable" };
  const others = fine.filter(({ check }) => check !== "media.udp");
  const byRelay = [...others, blocked, { check: "relay.tls", state: "ok" } as const];
  assert.equal(verdictOf(byRelay), "limited");
  assert.equal(isGrave(blocked, "limited"), false);
  assert.equal(verdictOf([...others, blocked]), "impossible");
  assert.equal(isGrave(blocked, "impossible"), true);
  const naked = fine.map((step) =>
    step.check === "encryption" ? { ...step, state: "failed" as const } : step,
  );
  assert.equal(verdictOf(naked), "impossible", "without encryption there is no call");
  assert.equal(verdictOf([...fine, { check: "relay.udp", state: "running" }]), "running");
});

test("each step has a sentence, and each failure what mends it", () => {
  const checks = ["media.udp", "media.tcp", "relay.udp", "relay.tcp", "relay.tls"] as const;
  const steps: DiagnosisStep[] = [
    ...checks.flatMap((check) =>
      (["unreachable", "no-allocation", "no-data"] as const).map((reason) => ({
        check,
        reason,
        state: "failed" as const,
        region: "eu",
      })),
    ),
    { check: "secure-context", state: "failed" },
    { check: "encryption", state: "failed", reason: "no-transform" },
    { check: "clock", state: "failed", reason: "clock-differs", clockAheadMs: 61_000 },
    { check: "signaling", state: "failed", reason: "refused", code: "server-full" },
    { check: "relay", state: "failed", reason: "none" },
  ];
  for (const step of steps) {
    const { text, mend } = stepText(step);
    assert.match(text, /^[A-Z].*\.$/, JSON.stringify(step));
    assert.match(mend ?? "", /^[A-Z].*\.$/, JSON.stringify(step));
    const { mend: none } = stepText({ ...step, state: "ok" });
    if (step.check !== "relay") assert.equal(none, undefined);
  }
  assert.match(
    stepText({ check: "clock", state: "failed", reason: "clock-differs", clockAheadMs: 61_000 })
      .text,
    /61 seconds ahead/,
  );
});

test("a browser that hides its own machine is not taken for a firewall", () => {
  const blocked = { check: "media.udp", state: "failed", reason: "unreachable" } as const;
  assert.match(stepText({ ...blocked, place: "127.0.0.1:40000" }).mend ?? "", /Firefox/);
  assert.match(stepText({ ...blocked, place: "203.0.113.9:40000" }).mend ?? "", /firewall/);
});

test("the report is JSON with the sentences that were shown", () => {
  const text = connectionReport(
    { steps: fine, verdict: "good" },
    { origin: "https://aparte.example", browser: "Someone’s", nowMs: 0 },
  );
  const report: { at: string; steps: { check: string; text: string }[] } = JSON.parse(text);
  assert.equal(report.at, "1970-01-01T00:00:00.000Z");
  assert.equal(report.steps.length, fine.length);
  assert.equal(report.steps[1]?.text, "This browser can encrypt calls end to end.");
});
