import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProtocolError } from "../../../src/protocol/index.ts";
import { ByteBudget } from "../../../src/signaling/byte-budget.ts";
import type { AskMember, GroupInfo } from "../../../src/signaling/group-info-broker.ts";
import { GroupInfoBroker } from "../../../src/signaling/group-info-broker.ts";
import { RoomGroup } from "../../../src/signaling/room-group.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { refusedWith } from "../../support/signaling-harness.ts";

const LARGE = { groupInfoAheadMembers: 0 };
const info = (epoch: number): GroupInfo => ({ epoch, groupInfo: new Uint8Array(100) });

function setUp(ask: (id: string) => Promise<GroupInfo> | undefined, options = {}) {
  const clock = new ManualClock();
  const budget = new ByteBudget(10_000);
  const all = { ...DEFAULT_SIGNALING_OPTIONS, ...options };
  const group = new RoomGroup(all, budget);
  group.create("anna", "tag");
  const asked: string[] = [];
  const record: AskMember = (id) => {
    asked.push(id);
    return ask(id);
  };
  const broker = new GroupInfoBroker(group, record, all, budget, clock);
  const commit = (id: string) => {
    group.commit(id, { epoch: group.epoch ?? 0, tag: "tag" }, Uint8Array.of(1));
    broker.drop();
  };
  return { broker, group, budget, clock, asked, commit };
}

describe("GroupInfoBroker", () => {
  test("asks once for many, and keeps the answer until a commit or its time is over", async () => {
    const { broker, asked, commit, clock, budget, group } = setUp(
      async () => info(group.epoch ?? 0),
      LARGE,
    );
    await Promise.all([broker.get({}), broker.get({}), broker.get({})]);
    await broker.get({});
    assert.equal(asked.length, 1);
    assert.equal(budget.usedBytes, 100);
    commit("anna");
    assert.equal((await broker.get({})).epoch, 1);
    assert.equal(asked.length, 2);
    clock.advance(DEFAULT_SIGNALING_OPTIONS.groupInfoCacheMs);
    await broker.get({});
    assert.equal(asked.length, 3);
    broker.drop();
    assert.equal(clock.pending, 0);
  });

  test("asks ahead in a small group, once it rests, and keeps the answer for the epoch", async () => {
    const { broker, asked, group, clock, budget } = setUp(async () => info(group.epoch ?? 0), {
      groupInfoAheadMembers: 2,
    });
    const commit = (id: string) => {
      group.commit(id, { epoch: group.epoch ?? 0, tag: "tag" }, Uint8Array.of(1));
      broker.advance();
    };
    commit("anna");
    commit("bob");
    assert.deepEqual(asked, []);
    clock.advance(1_000);
    assert.deepEqual(asked, ["bob"]);
    await broker.get({});
    clock.advance(DEFAULT_SIGNALING_OPTIONS.groupInfoCacheMs);
    assert.equal((await broker.get({})).epoch, 2);
    assert.deepEqual(asked, ["bob"]);
    commit("cyd");
    assert.equal(budget.usedBytes, 3, "but for the commits nothing is kept");
    clock.advance(1_000);
    assert.deepEqual(asked, ["bob"], "a group of three is too large");
    assert.equal(clock.pending, 0);
  });

  test("passes over those who are away, refuse, or answer with another epoch", async () => {
    const outcomes: Record<string, () => Promise<GroupInfo> | undefined> = {
      away: () => undefined,
      refusing: () => Promise.reject(new ProtocolError("bad-answer")),
      ahead: () => Promise.resolve(info(99)),
      anna: () => Promise.resolve(info(3)),
    };
    const { broker, asked, commit } = setUp((id) => outcomes[id]?.());
    for (const id of ["away", "refusing", "ahead"]) commit(id);
    assert.equal((await broker.get({})).epoch, 3);
    assert.deepEqual(asked, ["ahead", "refusing", "away", "anna"]);
  });

  test("asks the same member again when a commit overtook the answer", async () => {
    const { broker, group, asked, commit } = setUp(async () => {
      const answer = info(group.epoch ?? 0);
      if (asked.length === 1) commit("anna");
      return answer;
    });
    assert.equal((await broker.get({})).epoch, 1);
    assert.deepEqual(asked, ["anna", "anna"]);
  });

  test("gives whoever asks again at the same epoch another member's answer", async () => {
    const forged = info(1);
    const { broker, asked, commit } = setUp(async (id) => (id === "mallory" ? forged : info(1)));
    commit("mallory");
    const [newcomer, other] = [{}, {}];
    assert.equal(await broker.get(newcomer), forged);
    assert.notEqual(await broker.get(newcomer), forged);
    assert.notEqual(await broker.get(other), forged);
    // Both have answered: it begins anew with what is kept, for the reason may have been another one.
    assert.notEqual(await broker.get(newcomer), forged);
    assert.deepEqual(asked, ["mallory", "anna"]);
  });

  test("asks the only member who is connected again", async () => {
    const { broker, asked, commit } = setUp((id) =>
      id === "away" ? undefined : Promise.resolve(info(1)),
    );
    commit("away");
    const newcomer = {};
    await broker.get(newcomer);
    assert.equal((await broker.get(newcomer)).epoch, 1);
    assert.deepEqual(asked, ["away", "anna", "away"]);
  });

  test("asks the first member again at the next epoch", async () => {
    const { broker, asked, commit, group } = setUp(async () => info(group.epoch ?? 0));
    const newcomer = {};
    commit("ben");
    await broker.get(newcomer);
    commit("ben");
    await broker.get(newcomer);
    assert.deepEqual(asked, ["ben", "ben"]);
  });

  test("gives up after a number of attempts", async () => {
    const { broker, asked, commit } = setUp(() => Promise.reject(new ProtocolError("timed-out")), {
      groupInfoAttempts: 2,
    });
    for (const id of ["ben", "cleo", "dora"]) commit(id);
    await assert.rejects(broker.get({}), refusedWith("group-unavailable"));
    assert.equal(asked.length, 2);
  });

  test("does not blame a member whose connection was lost", async () => {
    const { broker, group } = setUp(() => Promise.reject(new ProtocolError("disconnected")), {
      groupInfoStrikes: 1,
    });
    await assert.rejects(broker.get({}), refusedWith("group-unavailable"));
    assert.deepEqual(group.members, ["anna"]);
  });

  test("gives no GroupInfo of a group that was created anew meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<GroupInfo>();
    const { broker, group } = setUp((id) => (id === "anna" ? promise : Promise.resolve(info(0))));
    const getting = broker.get({});
    group.forget("anna");
    group.create("ben", "tag");
    const old = info(0);
    resolve(old);
    assert.notEqual(await getting, old);
  });
});
