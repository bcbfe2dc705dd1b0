import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { fromBase64Url } from "../../src/lib/base64url.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
import { Cleanups } from "../support/cleanups.ts";
import { LabServer } from "../support/group-lab.ts";
import type { SdkCaller } from "../support/sdk-callers.ts";
import { decodedOf, SdkCallers } from "../support/sdk-callers.ts";
import type { Forge } from "../support/sfu-attack.ts";
import { replayed, sealedWithWrongKey, StreamAttack, unsealed } from "../support/sfu-attack.ts";
import type { PassingStream } from "../support/sfu-hostile.ts";
import { HostileSfu } from "../support/sfu-hostile.ts";
import { startSfu, until } from "../support/sfu-lab.ts";
import { SfuTap } from "../support/sfu-tap.ts";
import type { CallerStats } from "./sdk-page/page.ts";

const SIZE = { width: 320, height: 180 };
const RED = [220, 30, 30] as const;
const BLUE = [30, 30, 220] as const;
/** Frames that an attack forges of each stream, in each of its modes. */
const FORGED = 30;
/** What fits into one packet. */
const MAX_BODY_BYTES = 1_000;

interface Victim {
  readonly participantId: string;
  readonly source: MediaSource;
}

describe("a server that sends what it likes", () => {
  const cleanups = new Cleanups();
  const attacks = new Map<string, StreamAttack>();
  let hostile: HostileSfu;
  let ada: SdkCaller;
  let cyd: SdkCaller;
  let adaCamera: Victim;
  let adaMicrophone: Victim;
  let adaScreen: Victim;
  let bobMicrophone: Victim;

  before(async () => {
    const tap = new SfuTap();
    cleanups.defer(() => tap.close());
    const sfu = await startSfu({ workerCount: 1 });
    cleanups.defer(() => sfu.close());
    hostile = new HostileSfu(sfu, tap, (stream, packet, send) => {
      attackOn(stream).pass(packet, send);
    });
    const callers = await SdkCallers.open();
    cleanups.defer(() => callers.close());
    const lab = await LabServer.start(hostile, { allowedOrigins: [callers.origin] });
    cleanups.defer(() => lab.close());

    const server = `http://127.0.0.1:${lab.port}`;
    const link = createInvitationLink(server);
    const bob = await callers.caller();
    ada = await callers.caller();
    cyd = await callers.caller();
    const camera = { colour: RED, size: SIZE };
    await ada.join({ link, server, name: "Ada", camera, toneHz: 700, recording: true });
    await bob.join({ link, server, name: "Bob", toneHz: 1_200 });
    await ada.page.evaluate((...args) => window.caller.share(...args), BLUE, SIZE);
    await cyd.join({ link, server, name: "Cyd" });
    const participantId = (await ada.state()).participantId;
    adaCamera = { participantId, source: "camera" };
    adaMicrophone = { participantId, source: "microphone" };
    adaScreen = { participantId, source: "screen" };
    bobMicrophone = {
      participantId: (await bob.state()).participantId,
      source: "microphone",
    };
    for (const victim of [adaCamera, adaMicrophone, adaScreen, bobMicrophone]) await goesOn(victim);
  });

  after(() => cleanups.run());

  function attackOn(stream: PassingStream): StreamAttack {
    const known = attacks.get(stream.producerId) ?? new StreamAttack(stream);
    attacks.set(stream.producerId, known);
    return known;
  }

  function attackOnVictim({ participantId, source }: Victim): StreamAttack {
    return attackOn(hostile.streamOf(participantId, source));
  }

  /** Picture and sound at once. */
  async function attackBoth(attack: (victim: Victim) => Promise<void>): Promise<void> {
    await Promise.all([attack(adaCamera), attack(adaMicrophone)]);
  }

  async function goesOn({ participantId, source }: Victim): Promise<void> {
    await cyd.untilMore(participantId, source, 8);
  }

  async function assertTrouble(victim: Victim, fits: (trouble: string) => boolean): Promise<void> {
    await cyd.untilState(`the trouble of ${victim.source}`, ({ participants }) =>
      participants
        .filter(({ participantId }) => participantId === victim.participantId)
        .flatMap(({ streams }) => streams)
        .some(({ source, trouble }) => source === victim.source && fits(trouble)),
    );
  }

  /** Forges beside the genuine frames: all of it is dropped and counted, and the call goes on. */
  async function forgesBeside(victim: Victim, forge: Forge, causes: Causes): Promise<void> {
    const attack = attackOnVictim(victim);
    const earlier = await cyd.stats();
    const forgedBefore = attack.forged;
    attack.forge = forge;
    attack.mode = "beside";
    await until("frames were forged", () => attack.forged >= forgedBefore + FORGED, 15_000);
    await goesOn(victim);
    attack.mode = "none";
    const forged = attack.forged - forgedBefore;
    const counted = (stats: CallerStats) =>
      droppedOf(stats, victim, causes) - droppedOf(earlier, victim, causes);
    const later = await cyd.untilStats(
      `${forged} dropped frames of ${victim.source}`,
      (stats) => counted(stats) >= forged,
    );
    assert.equal(counted(later), forged, "each is counted once");
    assertOnlyGenuine(later, victim, attack);
  }

  /** Forges in the place of the genuine frames: nothing opens, and afterwards all is well. */
  async function forgesInstead(
    victim: Victim,
    forge: Forge | undefined,
    { causes, trouble }: { causes: Causes; trouble: ((name: string) => boolean) | null },
  ): Promise<void> {
    const attack = attackOnVictim(victim);
    const droppedBefore = droppedOf(await cyd.stats(), victim, causes);
    attack.forge = forge;
    attack.mode = "instead";
    const first = await cyd.untilStats(
      `dropped frames of ${victim.source}`,
      (stats) => droppedOf(stats, victim, causes) >= droppedBefore + 5,
    );
    const later = await cyd.untilStats(
      "more of them",
      (stats) => droppedOf(stats, victim, causes) >= droppedBefore + FORGED,
    );
    assert.equal(openedOf(later, victim), openedOf(first, victim), "one has opened");
    if (trouble !== null) await assertTrouble(victim, trouble);
    attack.mode = "none";
    await assertTrouble(victim, (name) => name === "none");
    await goesOn(victim);
    assertOnlyGenuine(await cyd.stats(), victim, attack);
  }

  it("cannot bring in frames that nobody sealed, though a decoder would take them", async () => {
    // Their first bytes are read as a key id, and say anything.
    const causes = [
      "malformed",
      "tampered",
      "no-key",
      "wrong-epoch",
      "earlier-epoch",
      "wrong-sender",
      "wrong-stream",
    ] as const;
    const trouble = (name: string) => name !== "none";
    await attackBoth(async (victim) => {
      const frames = await plaintextsOf(ada, victim.source);
      await forgesBeside(victim, unsealed(frames), causes);
      await forgesInstead(victim, unsealed(frames), { causes, trouble });
    });
  });

  it("cannot bring in a frame twice", async () => {
    await attackBoth(async (victim) => {
      await forgesBeside(victim, replayed(), ["replayed"]);
      await forgesInstead(victim, replayed(), { causes: ["replayed"], trouble: null });
    });
  });

  it("cannot bring in frames of another key under the sender's name", async () => {
    const trouble = (name: string) => name === "tampered";
    await attackBoth(async (victim) => {
      const forge = sealedWithWrongKey(attackOnVictim(victim).stream);
      await forgesBeside(victim, forge, ["tampered"]);
      await forgesInstead(victim, forge, { causes: ["tampered"], trouble });
    });
  });

  /** All frames of one stream go to the receivers of another one too. */
  function copy(from: Victim, to: Victim): void {
    const target = attackOnVictim(to);
    const { producerId } = target.stream;
    let offset: number | undefined;
    attackOnVictim(from).copyTo = ({ payload, timestamp, marker }) => {
      if (target.mode !== "instead") return;
      offset ??= target.lastTimestamp - timestamp;
      void hostile.forge(producerId, {
        payload,
        timestamp: (timestamp + offset) >>> 0,
        marker,
      });
    };
  }

  it("cannot pass off one person's voice as another's", async () => {
    copy(adaMicrophone, bobMicrophone);
    const trouble = (name: string) => name === "tampered";
    await forgesInstead(bobMicrophone, undefined, { causes: ["wrong-sender"], trouble });
    attackOnVictim(adaMicrophone).copyTo = undefined;
  });

  it("cannot swap camera and screen", async () => {
    copy(adaCamera, adaScreen);
    copy(adaScreen, adaCamera);
    const trouble = (name: string) => name === "tampered";
    const expected = { causes: ["wrong-stream"], trouble } as const;
    await Promise.all([
      forgesInstead(adaScreen, undefined, expected),
      forgesInstead(adaCamera, undefined, expected),
    ]);
  });

  it("has not thrown anybody out of the call by all of this", async () => {
    for (const caller of [ada, cyd]) {
      const { phases, members } = await caller.state();
      assert.deepEqual(phases, ["joined"]);
      assert.equal(members, 3);
      assert.deepEqual(caller.errors, []);
    }
  });
});

type Causes = readonly (keyof CallerStats["opened"][number]["dropped"])[];

function receiverOf({ opened }: CallerStats, { participantId, source }: Victim) {
  return opened.find((each) => each.participantId === participantId && each.source === source);
}

function droppedOf(stats: CallerStats, victim: Victim, causes: Causes): number {
  const dropped = receiverOf(stats, victim)?.dropped;
  return causes.reduce((sum, cause) => sum + (dropped?.[cause] ?? 0), 0);
}

function openedOf(stats: CallerStats, victim: Victim): number {
  return receiverOf(stats, victim)?.opened ?? 0;
}

/** No more was opened than genuine frames were let through, and no more decoded than opened. */
function assertOnlyGenuine(stats: CallerStats, victim: Victim, { forwarded }: StreamAttack): void {
  const opened = openedOf(stats, victim);
  assert.ok(opened <= forwarded, `${opened} opened of ${forwarded} that were let through`);
  const decoded = decodedOf(stats, victim.participantId, victim.source);
  assert.ok(decoded > 0 && decoded <= opened + JUST_OPENED, `${decoded} decoded of ${opened}`);
}

/** The worker tells its counters once a second, the browser at any time. */
const JUST_OPENED = 40;

/** Frames as their encoder made them, each small enough for one packet. */
async function plaintextsOf(caller: SdkCaller, source: MediaSource): Promise<Uint8Array[]> {
  const recorded = await caller.page.evaluate(
    (name) => window.caller.recorded(name, "plain"),
    source,
  );
  const frames = recorded.flatMap((base64Url) => fromBase64Url(base64Url) ?? []);
  const small = frames.filter(({ length }) => length > 0 && length <= MAX_BODY_BYTES);
  assert.ok(small.length > 10, `${small.length} frames of ${source} were recorded`);
  return small;
}
