import assert from "node:assert/strict";
import { test } from "node:test";
import { captureProblem } from "../../../src/web/state/capture-problem.ts";
import { initials } from "../../../src/web/state/initials.ts";
import { loudness, LevelMeter } from "../../../src/web/state/level-meter.ts";
import { pictureScale } from "../../../src/web/state/picture-scale.ts";
import { Preferences } from "../../../src/web/state/preferences.ts";
import { shortcutAction } from "../../../src/web/state/shortcuts.ts";
import { parseStay } from "../../../src/web/state/stay-memory.ts";
import { supportProblem } from "../../../src/web/state/support.ts";
import { CALL_ERRORS } from "../../../src/client/call-error.ts";
import { ERROR_CODES } from "../../../src/protocol/index.ts";
import { noticeText, reason, REASONS } from "../../../src/web/strings.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { FakeTrack } from "../../support/web-preview/fake-track.ts";

test("the browser's failures become reasons that a person can act on", () => {
  const of = (name: string, message = "") => captureProblem(new DOMException(message, name));
  assert.equal(of("NotAllowedError", "Permission denied"), "denied");
  assert.equal(of("NotAllowedError", "Permission denied by system"), "denied-by-system");
  assert.equal(of("NotFoundError"), "missing");
  assert.equal(of("OverconstrainedError"), "missing");
  assert.equal(of("NotReadableError"), "busy");
  assert.equal(of("InsecureContextError"), "insecure");
  assert.equal(of("WhoKnowsError"), "unknown");
  assert.equal(captureProblem("text"), "unknown");
});

test("a browser that lacks something is told what, the first hindrance first", () => {
  const able = {
    secureContext: true,
    peerConnection: true,
    mediaDevices: true,
    encodedTransform: true,
  };
  assert.equal(supportProblem(able), null);
  assert.equal(supportProblem({ ...able, encodedTransform: false }), "no-sealing");
  assert.equal(supportProblem({ ...able, peerConnection: false }), "no-webrtc");
  assert.equal(supportProblem({ ...able, secureContext: false, mediaDevices: false }), "insecure");
});

test("initials keep letters whole", () => {
  assert.equal(initials("Ada Lovelace"), "AL");
  assert.equal(initials("  jean-baptiste de la tour "), "JT");
  assert.equal(initials("Łukasz"), "Ł");
  assert.equal(initials("e\u0301mile 👩‍🚀"), "E\u0301👩‍🚀");
  assert.equal(initials(""), "");
});

test("a picture fills its tile unless too much of it would be lost", () => {
  const wide = { width: 1280, height: 720 };
  const scaleIn = (width: number, height: number) => pictureScale(wide, { width, height });
  assert.equal(scaleIn(640, 360), 1);
  assert.ok(Math.abs(scaleIn(480, 360) - 4 / 3) < 1e-9, "filled, a quarter cut off");
  assert.ok(Math.abs(scaleIn(360, 640) - 1 / 0.6) < 1e-9, "not filled, 40 % cut off");
  assert.equal(pictureScale({ width: 0, height: 0 }, wide), 1);
});

test("keys act on the page, not in fields, not with modifiers, not when they repeat", () => {
  const press = { key: "m", repeat: false, ctrlKey: false, metaKey: false, altKey: false };
  assert.equal(shortcutAction(press, "page"), "microphone");
  assert.equal(shortcutAction({ ...press, key: "V" }, "control"), "camera");
  assert.equal(shortcutAction({ ...press, key: "s" }, "page"), "screen");
  assert.equal(shortcutAction(press, "typing"), null);
  assert.equal(shortcutAction({ ...press, ctrlKey: true }, "page"), null);
  assert.equal(shortcutAction({ ...press, repeat: true }, "page"), null);
  assert.equal(shortcutAction({ ...press, key: "x" }, "page"), null);
  assert.equal(shortcutAction({ ...press, key: " " }, "page"), "push-to-talk");
  assert.equal(shortcutAction({ ...press, key: " " }, "control"), null);
});

test("preferences survive a reload, damage and a browser that stores nothing", () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
  const first = new Preferences(storage);
  first.setName("Ada");
  first.setDevice("camera", "cam-2");
  first.setShortcuts(false);
  first.setKeepIdentity(true);
  first.setAlwaysRelay(true);
  first.setPostQuantumSignatures(true);
  assert.deepEqual(new Preferences(storage).get(), {
    name: "Ada",
    devices: { microphone: null, camera: "cam-2", speaker: null },
    shortcuts: false,
    keepIdentity: true,
    alwaysRelay: true,
    postQuantumSignatures: true,
  });
  for (const damaged of ["{", "null", "[]", '{"name":5,"devices":"x","shortcuts":"y"}']) {
    stored.set("aparte:preferences", damaged);
    assert.equal(new Preferences(storage).get().name, "");
    assert.equal(new Preferences(storage).get().shortcuts, true);
    assert.equal(new Preferences(storage).get().postQuantumSignatures, false);
  }
  const forbidden = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  const without = new Preferences({ getItem: forbidden, setItem: forbidden });
  without.setName("x".repeat(500));
  assert.equal(without.get().name.length, 64);
});

test("only a stay is read as a stay", () => {
  assert.deepEqual(parseStay({ microphone: true, camera: false }), {
    microphone: true,
    camera: false,
  });
  for (const other of [null, undefined, 3, "x", {}, { microphone: true }]) {
    assert.equal(parseStay(other), null);
  }
});

test("loudness goes from a quiet room to a loud voice", () => {
  const sine = (amplitude: number) =>
    Float32Array.from({ length: 1024 }, (_, index) => amplitude * Math.sin(index / 4));
  assert.equal(loudness(new Float32Array(1024)), 0);
  assert.equal(loudness(new Float32Array(0)), 0);
  assert.equal(loudness(sine(0.0005)), 0);
  assert.ok(loudness(sine(0.05)) > 0.5 && loudness(sine(0.05)) < 0.75);
  assert.equal(loudness(sine(1)), 1);
});

test("the level rises at once, falls gently, and stops listening with its track", () => {
  const clock = new ManualClock();
  let samples = new Float32Array(64).fill(0.2);
  let closed = 0;
  const meter = new LevelMeter(
    () => ({
      read: () => samples,
      close: () => {
        closed += 1;
      },
    }),
    clock,
  );
  meter.follow(new FakeTrack("audio", "a"));
  clock.advance(60);
  const loud = meter.get();
  assert.ok(loud > 0.8);
  samples = new Float32Array(64);
  clock.advance(60);
  assert.ok(meter.get() > loud / 2 && meter.get() < loud);
  clock.advance(3_000);
  assert.equal(meter.get(), 0);
  meter.follow(new FakeTrack("audio", "b"));
  assert.equal(closed, 1);
  meter.follow(null);
  assert.equal(closed, 2);
  assert.equal(clock.pending, 0);
});

test("words stand only for codes that exist", () => {
  const codes = new Set<string>([...ERROR_CODES, ...Object.keys(CALL_ERRORS)]);
  for (const code of Object.keys(REASONS)) assert.ok(codes.has(code), code);
});

test("a reason without words of its own still says its code", () => {
  assert.match(reason({ code: "room-full", message: "" }), /full/u);
  assert.match(reason({ code: "brand-new", message: "" }), /brand-new/u);
  assert.equal(noticeText({ kind: "left", name: "" }), "Someone left");
});
