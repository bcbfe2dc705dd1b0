import assert from "node:assert/strict";
import { test } from "node:test";
import { App, type AppPorts } from "../../../src/web/state/app.ts";
import type { CallSession } from "../../../src/web/state/call-session.ts";
import type { JoinRequest } from "../../../src/web/state/call-port.ts";
import type { Lobby } from "../../../src/web/state/lobby.ts";
import type { Stay } from "../../../src/web/state/stay-memory.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { InMemoryCall, remoteParticipant } from "../../support/web-preview/in-memory-call.ts";
import { fakeCapture } from "./fake-capture.ts";
import { settle } from "./settle.ts";

const ORIGIN = "https://aparte.example";
const LINK = `${ORIGIN}/#invitation`;

interface SetupOptions {
  href?: string;
  stay?: Stay;
  ports?: Partial<AppPorts>;
  joinCall?: (request: JoinRequest) => Promise<InMemoryCall>;
  identity?: NonNullable<JoinRequest["identity"]>;
}

function setup({ href = LINK, stay, ports, joinCall, identity }: SetupOptions = {}) {
  const capture = fakeCapture();
  const clock = new ManualClock();
  const call = new InMemoryCall();
  const requests: (JoinRequest & { link: string })[] = [];
  const copied: string[] = [];
  const world = {
    href,
    stay: stay ?? null,
    awake: false,
    unused: 0,
    forgotten: 0,
    signatures: new Array<string>(),
    navigated: () => {},
    setHidden: (_hidden: boolean) => {},
  };
  const app = new App({
    address: {
      origin: ORIGIN,
      href: () => world.href,
      hasFragment: () => world.href.includes("#"),
      open: (link) => {
        world.href = link;
        world.navigated();
      },
      replace: (link) => {
        world.href = link;
      },
      onChange: (listener) => {
        world.navigated = listener;
        return () => {
          world.navigated = () => {};
        };
      },
    },
    devices: capture.devices,
    storage: { getItem: () => null, setItem: () => {} },
    stayMemory: {
      recall: () => world.stay,
      remember: (remembered) => {
        world.stay = remembered;
      },
    },
    createAudioPlayer: () => ({
      play: async () => Promise.resolve(),
      setSpeaker: async () => Promise.resolve(),
      close: () => {},
    }),
    listenToTrack: () => ({ read: () => new Float32Array(0), close: () => {} }),
    copyText: async (text) => {
      copied.push(text);
      await Promise.resolve();
    },
    keepAwake: () => {
      world.awake = true;
      return () => {
        world.awake = false;
      };
    },
    clock,
    visibility: {
      onChange: (listener) => {
        world.setHidden = listener;
        return () => {
          world.setHidden = () => {};
        };
      },
    },
    supportProblem: null,
    loadDiagnosis: async () => Promise.reject(new Error("no test is made here")),
    permissionOf: async () => Promise.resolve("granted"),
    loadSdk: async () =>
      Promise.resolve({
        prepareCall: ({ link }) => ({
          join: async (request) => {
            requests.push({ ...request, link });
            return joinCall === undefined ? Promise.resolve(call) : joinCall(request);
          },
          close: () => {
            world.unused += 1;
          },
        }),
        openDeviceIdentity: async () => {
          if (identity === undefined) throw new DOMException("forbidden", "SecurityError");
          return Promise.resolve(identity);
        },
        forgetDeviceIdentity: async () => {
          world.forgotten += 1;
          return Promise.resolve();
        },
        createInvitationLink: (origin, { signatures = "classical" }) => {
          world.signatures.push(signatures);
          return `${origin}/#invitation`;
        },
        isInvitationLink: (link) => link.endsWith("#invitation"),
      }),
    guestName: "Guest",
    ...ports,
  });
  return { app, call, capture, clock, requests, copied, world };
}

function lobbyOf(app: App): Lobby {
  const screen = app.get();
  assert.ok(screen.name === "lobby");
  return screen.lobby;
}

function sessionOf(app: App): CallSession {
  const screen = app.get();
  assert.ok(screen.name === "call");
  return screen.session;
}

async function joined(options?: SetupOptions) {
  const context = setup(options);
  await settle();
  await lobbyOf(context.app).join();
  await settle();
  return { ...context, session: sessionOf(context.app) };
}

test("without a link there is a home; a new call leads to its lobby", async () => {
  const { app, world } = setup({ href: `${ORIGIN}/` });
  assert.equal(app.get().name, "home");
  await app.newCall();
  assert.equal(world.href, LINK);
  assert.equal(app.get().name, "lobby");
});

test("a pasted link is opened if it is one, with or without its address", async () => {
  const { app, world } = setup({ href: `${ORIGIN}/` });
  for (const text of [
    "",
    "hello",
    "https://elsewhere.example/",
    "javascript:alert(1)#invitation",
  ]) {
    await app.openLink(text);
    assert.deepEqual(app.get(), { name: "home", problem: "not-a-link" });
  }
  await app.openLink("  #invitation ");
  assert.equal(world.href, LINK);
  assert.equal(app.get().name, "lobby");
});

test("a link that lost a part is told on the home screen, with the camera off again", async () => {
  const { app, capture } = setup({ href: `${ORIGIN}/#invit` });
  await settle();
  assert.deepEqual(app.get(), { name: "home", problem: "bad-link" });
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
});

test("the connection test has an address of its own, also where no call is possible", () => {
  const { app, world } = setup({
    href: `${ORIGIN}/#test`,
    ports: { supportProblem: "insecure" },
  });
  assert.deepEqual(app.get(), { name: "connection-test" });
  world.href = `${ORIGIN}/`;
  world.navigated();
  assert.deepEqual(app.get(), { name: "unsupported", problem: "insecure" });
});

test("an SDK that can't be loaded is told at the click", async () => {
  const { app } = setup({
    href: `${ORIGIN}/`,
    ports: { loadSdk: async () => Promise.reject(new Error("offline")) },
  });
  assert.deepEqual(app.get(), { name: "home", problem: null });
  await app.newCall();
  assert.deepEqual(app.get(), { name: "home", problem: "not-loaded" });
});

test("a browser that can't seal sees why, and its camera stays off", () => {
  const { app, capture } = setup({ ports: { supportProblem: "no-sealing" } });
  assert.deepEqual(app.get(), { name: "unsupported", problem: "no-sealing" });
  assert.equal(capture.devices.requests.length, 0);
});

test("joins with name and tracks, and sends nothing twice", async () => {
  const { app, requests, call, world } = await joined();
  const [request] = requests;
  assert.equal(request?.link, LINK);
  assert.equal(request?.name, "Guest");
  assert.equal(request?.tracks.microphone?.label, "Built-in microphone");
  assert.equal(request?.tracks.camera?.label, "FaceTime camera");
  assert.deepEqual(request?.muted, { microphone: false });
  assert.deepEqual(call.log, []);
  assert.deepEqual(world.stay, { microphone: true, camera: true });
  assert.equal(world.awake, true);
  assert.equal(app.get().name, "call");
});

test("joins muted, without a camera, and with the name that was given", async () => {
  const { app, requests } = setup();
  await settle();
  const lobby = lobbyOf(app);
  lobby.preferences.setName("  Ada ");
  await lobby.media.toggle("microphone");
  await lobby.media.toggle("camera");
  await lobby.join();
  assert.equal(requests[0]?.name, "Ada");
  assert.deepEqual(requests[0]?.muted, { microphone: true });
  assert.equal(requests[0]?.tracks.microphone?.enabled, false);
  assert.equal(requests[0]?.tracks.camera, undefined);
});

test("joins without any device", async () => {
  const { app, requests, capture } = setup();
  const refusal = new DOMException("Permission denied", "NotAllowedError");
  capture.devices.refusals.set("microphone", refusal).set("camera", refusal);
  await settle();
  await lobbyOf(app).join();
  assert.deepEqual(requests[0]?.tracks, {});
  assert.equal(app.get().name, "call");
});

test("a failed join is told in the lobby, and the next try may work", async () => {
  const full = Object.assign(new Error("full"), { code: "room-full" });
  let fail = true;
  const call = new InMemoryCall();
  const { app } = setup({
    joinCall: async () => (fail ? Promise.reject(full) : Promise.resolve(call)),
  });
  await settle();
  const lobby = lobbyOf(app);
  await lobby.join();
  assert.deepEqual(lobby.get(), {
    status: "ready",
    problem: { code: "room-full", message: "full" },
  });
  fail = false;
  await lobby.join();
  assert.equal(app.get().name, "call");
});

test("a join that is cancelled stays cancelled, even if the call comes after all", async () => {
  const call = new InMemoryCall();
  let answer = () => {};
  const { app, requests } = setup({
    joinCall: async () =>
      new Promise((resolve) => {
        answer = () => {
          resolve(call);
        };
      }),
  });
  await settle();
  const lobby = lobbyOf(app);
  const joining = lobby.join();
  await settle();
  assert.equal(lobby.get().status, "joining");
  lobby.cancel();
  assert.equal(requests[0]?.signal.aborted, true);
  answer();
  await joining;
  assert.equal(app.get().name, "lobby");
  assert.deepEqual(lobby.get(), { status: "ready", problem: null });
  assert.deepEqual(call.log, ["leave"]);
});

test("after a reload one is back in, with what was on before", async () => {
  const { app, requests, capture } = setup({ stay: { microphone: true, camera: false } });
  await settle();
  assert.equal(app.get().name, "call");
  assert.equal(requests.length, 1);
  assert.deepEqual(Object.keys(capture.devices.requests[0] ?? {}), ["microphone"]);
});

test("what opens only after the join is sent then", async () => {
  const { app, capture, call, requests } = setup({ stay: { microphone: true, camera: true } });
  let open = () => {};
  capture.devices.gate = new Promise((resolve) => {
    open = resolve;
  });
  // The app asked before the gate was shut: ask anew behind it.
  await settle();
  assert.equal(app.get().name, "call");
  const { media } = sessionOf(app);
  await media.toggle("camera");
  await settle();
  const before = call.log.length;
  void media.toggle("camera");
  await settle();
  assert.equal(call.log.length, before);
  open();
  await settle();
  assert.equal(call.log.at(-1), "camera FaceTime camera");
  assert.equal(requests.length, 1);
});

test("leaving shows the end at once, closes the devices, and forgets the stay", async () => {
  const { app, call, capture, clock, session, world } = await joined();
  session.leave();
  assert.deepEqual(app.get(), { name: "ended", end: null });
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
  assert.deepEqual(call.log, ["leave"]);
  assert.equal(call.listeners, 0);
  assert.equal(capture.devices.listeners, 0);
  assert.equal(clock.pending, 0);
  assert.equal(world.stay, null);
  assert.equal(world.awake, false);
});

test("an end that comes from the call tells its reason; rejoin goes back in", async () => {
  const { app, call, requests, session } = await joined();
  await session.media.toggle("camera");
  const end = { code: "server-closing", message: "closing" };
  call.change({ phase: "ended", end });
  assert.deepEqual(app.get(), { name: "ended", end });
  call.change({ phase: "joined", end: null });
  app.rejoin();
  await settle();
  assert.equal(app.get().name, "call");
  assert.equal(requests.length, 2);
  assert.equal(sessionOf(app).media.get().camera.wanted, false);
});

test("a call that was left because its page was left counts as left", async () => {
  const { app, call } = await joined();
  call.change({ phase: "ended", end: { code: "left", message: "You left the call." } });
  assert.deepEqual(app.get(), { name: "ended", end: null });
});

test("another link in the address bar leaves the call for its lobby", async () => {
  const { app, call, world } = await joined();
  world.href = `${ORIGIN}/#other#invitation`;
  world.navigated();
  assert.equal(call.log.at(-1), "leave");
  assert.equal(lobbyOf(app).link, `${ORIGIN}/#other#invitation`);
  app.toHome();
  assert.equal(app.get().name, "home");
});

test("who comes and goes is told", async () => {
  const { call, session } = await joined();
  call.change({ participants: [remoteParticipant("ada", { name: "Ada" })] });
  call.change({ participants: [] });
  assert.deepEqual(
    session.notices.get().map(({ notice }) => notice),
    [
      { kind: "joined", name: "Ada" },
      { kind: "left", name: "Ada" },
    ],
  );
});

test("the link is copied, and a failure to is told", async () => {
  const { session, copied } = await joined();
  await session.copyLink();
  assert.deepEqual(copied, [LINK]);
  assert.equal(session.notices.get()[0]?.notice.kind, "link-copied");
  const refused = await joined({
    ports: { copyText: async () => Promise.reject(new Error("denied")) },
  });
  await refused.session.copyLink();
  assert.equal(refused.session.notices.get()[0]?.notice.kind, "link-not-copied");
});

test("holding the space bar talks while muted, and only then", async () => {
  const { session } = await joined();
  session.act("push-to-talk");
  session.stopTalking();
  assert.equal(session.media.get().microphone.wanted, true);
  session.act("microphone");
  session.act("push-to-talk");
  assert.equal(session.media.get().microphone.wanted, true);
  session.stopTalking();
  assert.equal(session.media.get().microphone.wanted, false);
});

test("a screen is shared by its key only where the browser can", async () => {
  const { session, capture, call } = await joined();
  capture.devices.canShareScreen = false;
  session.act("screen");
  await settle();
  assert.deepEqual(call.log, []);
  capture.devices.canShareScreen = true;
  session.act("screen");
  await settle();
  assert.deepEqual(call.log, ["screen screen", "screen-audio screen-audio"]);
  session.leave();
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
});

test("a device that goes away during the call is told", async () => {
  const { session, capture } = await joined();
  capture.devices.replug(capture.devices.devices.filter(({ deviceId }) => deviceId !== "mic-1"));
  capture.tracks.find(({ deviceId }) => deviceId === "mic-1")?.unplug();
  await settle();
  assert.deepEqual(session.notices.get()[0]?.notice, {
    kind: "input-lost",
    input: "microphone",
    replacement: "Headset with a rather long name (1234:5678)",
  });
});

test("gives back what was prepared for a call that nobody joins", async () => {
  const { app, requests, world } = setup();
  lobbyOf(app);
  await settle();
  app.close();
  assert.equal(world.unused, 1);
  assert.equal(requests.length, 0);
});

test("who wants to be known again shows an identity; a browser that keeps none still calls", async () => {
  const identity = {
    publicKey: new Uint8Array(32),
    sign: async () => Promise.resolve(new Uint8Array(64)),
  };
  const storage = { getItem: () => JSON.stringify({ keepIdentity: true }), setItem: () => {} };
  const known = await joined({ identity, ports: { storage } });
  assert.equal(known.requests[0]?.identity, identity);
  const forbidden = await joined({ ports: { storage } });
  assert.equal(forbidden.requests[0]?.identity, undefined);
  const unasked = await joined({ identity });
  assert.equal(unasked.requests[0]?.identity, undefined);
  known.session.setKeepIdentity(false);
  await settle();
  assert.equal(known.world.forgotten, 1);
  assert.equal(known.app.preferences.get().keepIdentity, false);
});

test("who hides their address does so from the beginning, in this call and in the next ones", async () => {
  const plain = await joined();
  assert.equal(plain.requests[0]?.iceTransportPolicy, "all");
  plain.session.setAlwaysRelay(true);
  plain.session.setAlwaysRelay(false);
  await settle();
  assert.deepEqual(
    plain.call.log.filter((line) => line.startsWith("path")),
    ["path relay", "path all"],
  );
  const storage = { getItem: () => JSON.stringify({ alwaysRelay: true }), setItem: () => {} };
  const hidden = await joined({ ports: { storage } });
  assert.equal(hidden.requests[0]?.iceTransportPolicy, "relay");
});

test("a new call's link asks for post-quantum signatures where that was chosen, and only there", async () => {
  const { app, world } = setup({ href: `${ORIGIN}/` });
  await app.newCall();
  app.toHome();
  app.preferences.setPostQuantumSignatures(true);
  await app.newCall();
  assert.deepEqual(world.signatures, ["classical", "post-quantum"]);
});

test("what is written while the chat is closed is told and counted, the own words are not", async () => {
  const { session, call } = await joined();
  call.hear({ participantId: "p1", name: "Ada", text: "first" });
  assert.equal(await session.sendChat("own"), true);
  assert.equal(session.panel.get().unread, 1);
  assert.deepEqual(
    session.notices.get().map(({ notice }) => notice),
    [{ kind: "chat", name: "Ada", text: "first" }],
  );
  session.act("chat");
  assert.deepEqual(session.panel.get(), { open: "chat", unread: 0 });
  assert.deepEqual(session.notices.get(), []);
  call.hear({ participantId: "p1", name: "Ada", text: "seen" });
  session.act("chat");
  assert.deepEqual(session.panel.get(), { open: null, unread: 0 });
  session.panel.toggle("people");
  call.hear({ participantId: "p1", name: "Ada", text: "not seen" });
  assert.deepEqual(session.panel.get(), { open: "people", unread: 1 });
});

test("a sign that can't be sent is told", async () => {
  const { session, call } = await joined();
  session.act("hand");
  await settle();
  assert.equal(call.state.self.handRaised, true);
  call.refusal = new Error("gone");
  assert.equal(await session.toggleHand(), false);
  assert.equal(call.state.self.handRaised, true);
  assert.equal(await session.react("👍"), false);
  assert.equal(await session.sendChat("x"), false);
  assert.equal(session.notices.get().at(-1)?.notice.kind, "not-sent");
  assert.equal(await session.safetyNumber("p1"), null);
});

test("hands that go up are told once, those that were up are not", async () => {
  const { session, call } = await joined();
  const participants = [remoteParticipant("p1"), remoteParticipant("p2")];
  call.change({ participants });
  const raise = (...raisedHands: string[]) => {
    call.change({ conversation: { ...call.state.conversation, raisedHands } });
  };
  raise("p1");
  raise("p1", "p2");
  raise("p2");
  assert.deepEqual(
    session.notices
      .get()
      .flatMap(({ notice }) => (notice.kind === "hand-raised" ? notice.name : [])),
    ["Name of p1", "Name of p2"],
  );
});

test("pictures stop a moment after the page is hidden, and come back at once", async () => {
  const { session, call, clock, world } = await joined();
  const size = { width: 640, height: 352 };
  session.shownSizes.report("p1", "camera", size);
  world.setHidden(true);
  clock.advance(4_000);
  world.setHidden(false);
  clock.advance(10_000);
  assert.deepEqual(call.shown, [["p1", "camera", size]]);
  world.setHidden(true);
  clock.advance(5_000);
  assert.deepEqual(call.shown.at(-1), ["p1", "camera", null]);
  session.shownSizes.report("p2", "camera", size);
  assert.deepEqual(call.shown.at(-1), ["p2", "camera", null]);
  world.setHidden(false);
  assert.deepEqual(call.shown.slice(-2), [
    ["p1", "camera", size],
    ["p2", "camera", size],
  ]);
  session.leave();
  assert.equal(clock.pending, 0);
});

test("whoever removes somebody is told, the link changes where a reload finds it", async () => {
  const { session, call, world } = await joined();
  call.change({ participants: [remoteParticipant("p1"), remoteParticipant("p2")] });
  assert.equal(await session.kick("p1"), true);
  assert.equal(world.href, "https://aparte.example/#invitation-after-kick");
  call.events.emit("participant:kicked", { participantId: "p3", by: "p2" });
  call.events.emit("lock:changed", { locked: true, by: "p2" });
  assert.deepEqual(
    session.notices.get().map(({ notice }) => notice),
    [
      { kind: "kicked", name: "Name of p1", by: null },
      { kind: "kicked", name: "", by: "Name of p2" },
      { kind: "lock-changed", locked: true, by: "Name of p2" },
    ],
    "nobody is said to have left by themselves",
  );
  assert.equal(await session.setLocked(true), true);
  call.refusal = new Error("lost to another commit");
  assert.equal(await session.kick("p2"), false);
  assert.equal(session.notices.get().at(-1)?.notice.kind, "not-done");
});
