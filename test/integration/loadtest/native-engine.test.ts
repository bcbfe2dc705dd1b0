import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { EngineError } from "../../../loadtest/engine/engine-error.ts";
import { EngineProcess } from "../../../loadtest/engine/engine-process.ts";
import type { EngineStats } from "../../../loadtest/engine/media-engine.ts";
import { NativeEngine } from "../../../loadtest/engine/native-engine.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import {
  EngineMember,
  epochSecret,
  mediaFolder,
  nativeProgram,
  statsUntil,
} from "../../support/engine-lab.ts";
import { Cleanups } from "../../support/cleanups.ts";
import { LossyUdp } from "../../support/lossy-udp.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { randomId, startSfu, until } from "../../support/sfu-lab.ts";

const settings = { mediaFolder, srtpProfiles: [], seal: true, stamp: true } as const;

function sum(seen: readonly EngineStats[], pick: (stats: EngineStats) => number): number {
  return seen.reduce((total, stats) => total + pick(stats), 0);
}

/** How often the engine has given its core away of its own will. */
async function timesRested(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1");
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)?.[1]);
}

describe("the native load engine", () => {
  let sfu: Sfu;
  let engine: NativeEngine;

  const cleanups = new Cleanups();

  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
    cleanups.defer(() => sfu.close());
    engine = new NativeEngine(nativeProgram());
    cleanups.defer(() => engine.close());
    await engine.request("engine:open", settings);
  });

  after(() => cleanups.run());

  it("sends and receives sealed sound and pictures through the SFU", async () => {
    const roomId = randomId();
    const sender = await EngineMember.join(sfu, roomId, engine, 0);
    const receiver = await EngineMember.join(sfu, roomId, engine, 1);
    for (const { state, iceMs, dtlsMs, relayed } of [...sender.states, ...receiver.states]) {
      assert.equal(state, "connected");
      assert.ok(iceMs !== null && dtlsMs !== null && iceMs >= 0 && dtlsMs > 0);
      assert.equal(relayed, false);
    }
    const secret = epochSecret();
    await sender.seal(secret, 1);
    await receiver.trust(sender, secret, 1);
    const firstFrames = new Set<string>();
    engine.events.on("stream:first-frame", ({ stream }) => firstFrames.add(stream));
    const microphone = await sender.send("microphone");
    const camera = await sender.send("camera");
    await receiver.receive(sender, "microphone", microphone);
    await receiver.receive(sender, "camera", camera);

    const seen = await statsUntil(engine, "a hundred frames each way", (stats) => {
      const audio = sum(stats, ({ audio: { opened } }) => opened);
      return audio >= 100 && sum(stats, ({ video: { opened } }) => opened) >= 100;
    });
    for (const kind of ["audio", "video"] as const) {
      assert.equal(
        sum(seen, (stats) => Object.values(stats[kind].refused).reduce((a, b) => a + b, 0)),
        0,
      );
      assert.equal(
        sum(seen, (stats) => stats[kind].disordered),
        0,
      );
      assert.ok(sum(seen, (stats) => stats[kind].latencyUs.count) >= 100);
    }
    assert.ok(sum(seen, (stats) => stats.keyFrameRequestsReceived) > 0);
    assert.deepEqual(firstFrames, new Set([microphone, camera]));
    await engine.request("participant:close", { participant: sender.id });
    await engine.request("participant:close", { participant: receiver.id });
  });

  it("understands the portable engine, and is understood by it", async () => {
    const portable = new EngineProcess();
    try {
      await portable.request("engine:open", settings);
      const roomId = randomId();
      const members = [
        await EngineMember.join(sfu, roomId, engine, 0),
        await EngineMember.join(sfu, roomId, portable, 1),
      ] as const;
      const secret = epochSecret();
      for (const [sender, receiver] of [members, members.toReversed()]) {
        assert.ok(sender !== undefined && receiver !== undefined);
        await sender.seal(secret, 1);
        await receiver.trust(sender, secret, 1);
        for (const source of ["microphone", "camera"] as const) {
          await receiver.receive(sender, source, await sender.send(source));
        }
      }
      for (const each of [engine, portable]) {
        const seen = await statsUntil(each, "thirty frames of each kind", (stats) => {
          const audio = sum(stats, ({ audio: { opened } }) => opened);
          return audio >= 30 && sum(stats, ({ video: { opened } }) => opened) >= 30;
        });
        for (const { audio, video } of seen) {
          const causes = [...Object.values(audio.refused), ...Object.values(video.refused)];
          assert.deepEqual(new Set(causes), new Set([0]));
        }
        assert.ok(
          sum(seen, ({ video: { latencyUs } }) => latencyUs.count) >= 30,
          "stamps are read",
        );
      }
    } finally {
      await portable.close();
    }
  });

  it("holds frames until their keys come, as the portable engine does", async () => {
    const portable = new EngineProcess();
    try {
      await portable.request("engine:open", settings);
      for (const tried of [engine, portable]) {
        const roomId = randomId();
        const sender = await EngineMember.join(sfu, roomId, tried, 0);
        const receiver = await EngineMember.join(sfu, roomId, tried, 1);
        const secret = epochSecret();
        await sender.seal(secret, 1);
        await tried.request("stats:take", {});
        await receiver.receive(sender, "microphone", await sender.send("microphone"));
        const early = await statsUntil(tried, "frames that wait", (stats) => {
          return sum(stats, ({ audio }) => audio.received) >= 5;
        });
        // In one go, so that what waits then can't have waited for too long by our fault.
        const [atTheKeys] = await Promise.all([
          tried.request("stats:take", {}),
          receiver.trust(sender, secret, 1),
        ]);
        const keyless = [...early, atTheKeys];
        const later = await statsUntil(tried, "frames that open", (stats) => {
          return sum(stats, ({ audio }) => audio.opened) >= 10;
        });
        const dropped = sum([...keyless, ...later], ({ audio }) => audio.refused["no-key"]);
        assert.equal(
          sum(keyless, ({ audio }) => audio.opened),
          0,
        );
        assert.ok(dropped < sum(keyless, ({ audio }) => audio.received));
        assert.equal(
          sum(later, ({ audio }) => audio.disordered + audio.refused.tampered),
          0,
        );
        await tried.request("participant:close", { participant: sender.id });
        await tried.request("participant:close", { participant: receiver.id });
      }
    } finally {
      await portable.close();
    }
  });

  it("looks for packets by itself where it is told to, so that nobody has to wake it", async () => {
    const polling = new NativeEngine(nativeProgram());
    cleanups.defer(() => polling.close());
    await polling.request("engine:open", { ...settings, polls: true });
    const rests = await timesRested(polling.pid);
    await until("five hundred looks", async () => (await timesRested(polling.pid)) - rests >= 500);
    const roomId = randomId();
    const sender = await EngineMember.join(sfu, roomId, polling, 0);
    const receiver = await EngineMember.join(sfu, roomId, polling, 1);
    const secret = epochSecret();
    await sender.seal(secret, 1);
    await receiver.trust(sender, secret, 1);
    await receiver.receive(sender, "camera", await sender.send("camera"));
    await statsUntil(polling, "thirty pictures", (stats) => {
      return sum(stats, ({ video: { opened } }) => opened) >= 30;
    });

    const portable = new EngineProcess();
    cleanups.defer(() => portable.close());
    const refused = portable.request("engine:open", { ...settings, polls: true });
    await assert.rejects(refused, (error) => {
      return error instanceof EngineError && error.code === "unsupported";
    });
  });

  it("gives up frames whose keys don't come", async () => {
    const roomId = randomId();
    const sender = await EngineMember.join(sfu, roomId, engine, 0);
    const receiver = await EngineMember.join(sfu, roomId, engine, 1);
    await sender.seal(epochSecret(), 1);
    await engine.request("stats:take", {});
    await receiver.receive(sender, "camera", await sender.send("camera"));
    const seen = await statsUntil(engine, "frames that were given up", (stats) => {
      return sum(stats, ({ video }) => video.refused["no-key"]) >= 10;
    });
    assert.equal(
      sum(seen, ({ video }) => video.opened),
      0,
    );
    await engine.request("participant:close", { participant: sender.id });
    await engine.request("participant:close", { participant: receiver.id });
  });

  it("sends and receives by a TURN server", async (test) => {
    const turn = await EngineLab.open(test, "builtin");
    const { username, password: credential } = turn.credential();
    const relays = [
      { urls: [`turn:127.0.0.1:${turn.listener().port}?transport=udp`], username, credential },
    ];
    const roomId = randomId();
    const sender = await EngineMember.join(sfu, roomId, engine, 0, { relays });
    const receiver = await EngineMember.join(sfu, roomId, engine, 1, { relays });
    for (const { state, relayed } of [...sender.states, ...receiver.states]) {
      assert.deepEqual({ state, relayed }, { state: "connected", relayed: true });
    }
    const secret = epochSecret();
    await sender.seal(secret, 1);
    await receiver.trust(sender, secret, 1);
    await receiver.receive(sender, "camera", await sender.send("camera"));
    await statsUntil(engine, "thirty pictures by the relay", (stats) => {
      return sum(stats, ({ video: { opened } }) => opened) >= 30;
    });
  });

  it("has lost pictures sent again, and sends lost ones again", async () => {
    const network = new LossyUdp();
    try {
      const roomId = randomId();
      const sender = await EngineMember.join(sfu, roomId, engine, 0, { network });
      const receiver = await EngineMember.join(sfu, roomId, engine, 1, { network });
      const secret = epochSecret();
      await sender.seal(secret, 1);
      await receiver.trust(sender, secret, 1);
      await engine.request("stats:take", {});
      network.loss = 0.03;
      network.sentLoss = 0.03;
      await receiver.receive(sender, "camera", await sender.send("camera"));
      const seen = await statsUntil(engine, "losses that were repaired both ways", (stats) => {
        const repaired = sum(stats, ({ packetsRepaired }) => packetsRepaired);
        const again = sum(stats, ({ packetsRetransmitted }) => packetsRetransmitted);
        const opened = sum(stats, ({ video }) => video.opened);
        return repaired >= 3 && again >= 3 && opened >= 60;
      });
      assert.ok(sum(seen, ({ nacksSent }) => nacksSent) > 0);
      assert.ok(sum(seen, ({ nacksReceived }) => nacksReceived) > 0);
      assert.equal(
        sum(seen, ({ video }) => video.refused.tampered + video.refused.malformed),
        0,
      );
      await engine.request("participant:close", { participant: sender.id });
      await engine.request("participant:close", { participant: receiver.id });
    } finally {
      network.close();
    }
  });

  it("refuses what it can't do, says why, and goes on", async () => {
    const participant = "p";
    await engine.request("participant:create", { participant });
    const refused = async (code: string, asked: Promise<unknown>) => {
      await assert.rejects(asked, (error) => error instanceof EngineError && error.code === code);
    };
    await refused("bad-input", engine.request("participant:create", { participant }));
    await refused("unknown", engine.request("stream:stop", { participant, stream: "none" }));
    await refused("unknown", engine.request("participant:close", { participant: "nobody" }));
    await refused("bad-input", engine.request("engine:open", settings));
    const key = { keyId: 1, suite: 5, key: "AAAA", salt: "AAAA", source: "microphone" } as const;
    await refused(
      "bad-input",
      engine.request("keys:set", { participant, sending: [key], receiving: [] }),
    );
    const relay = {
      iceServers: [{ urls: ["turn:no-such-host.invalid"], username: "u", credential: "c" }],
      relayOnly: true,
    };
    const create = { participant, direction: "send" } as const;
    await refused("bad-input", engine.request("transport:create", { ...create, ...relay }));
    const portable = new EngineProcess();
    cleanups.defer(() => portable.close());
    await portable.request("engine:open", settings);
    await portable.request("participant:create", { participant });
    for (const url of ["turns:127.0.0.1:5349", "turn:127.0.0.1:3478?transport=tcp"]) {
      const iceServers = [{ urls: [url], username: "u", credential: "c" }];
      const input = { ...create, iceServers, relayOnly: true };
      await refused("unsupported", engine.request("transport:create", input));
      await refused("unsupported", portable.request("transport:create", input));
    }
    await engine.request("transport:create", { ...create, iceServers: [], relayOnly: false });
    await refused(
      "unknown",
      engine.request("stream:mirror", { participant, stream: "s", to: "p" }),
    );
    await engine.request("participant:close", { participant });
  });
});
