import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ByteBudget } from "../../../src/signaling/byte-budget.ts";
import { RoomGroup } from "../../../src/signaling/room-group.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { refusedWith } from "../../support/signaling-harness.ts";

const tag = (text: string | number) => `tag-${text}`;
const commit = Uint8Array.of(1);

function newGroup(groupInfoStrikes = 3) {
  return new RoomGroup(
    { ...DEFAULT_SIGNALING_OPTIONS, groupInfoStrikes },
    new ByteBudget(1_000_000),
  );
}

describe("RoomGroup", () => {
  test("asks those first who were active last", () => {
    const group = newGroup();
    group.create("anna", tag(0));
    group.commit("ben", { epoch: 0, tag: tag(1) }, commit);
    group.commit("cleo", { epoch: 1, tag: tag(2) }, commit);
    group.commit("anna", { epoch: 2, tag: tag(3) }, commit);
    assert.deepEqual(group.members, ["anna", "cleo", "ben"]);
  });

  test("ends with its last member and begins anew", () => {
    const group = newGroup();
    group.create("anna", tag(0));
    const { generation } = group;
    assert.throws(() => group.create("ben", tag(0)), refusedWith("group-exists"));
    group.forget("ben");
    assert.equal(group.epoch, 0);
    group.forget("anna");
    assert.equal(group.epoch, null);
    group.create("ben", tag(0));
    assert.notEqual(group.generation, generation);
  });

  test("counts nobody as a member who claims what it never was", () => {
    const group = newGroup();
    group.create("anna", tag(0));
    group.commit("anna", { epoch: 0, tag: tag(1) }, commit);
    group.claim("behind", { epoch: 0, tag: tag(0) });
    group.claim("other group", { epoch: 1, tag: tag("else") });
    group.claim("ahead", { epoch: 2, tag: tag(2) });
    assert.deepEqual(group.members, ["behind", "anna"]);
    assert.deepEqual(group.position, { epoch: 1, tag: tag(1) });
  });

  test("forgets a member who fails several times in a row", () => {
    const group = newGroup(2);
    group.create("anna", tag(0));
    group.commit("ben", { epoch: 0, tag: tag(1) }, commit);
    group.strike("ben");
    group.absolve("ben");
    group.strike("ben");
    assert.deepEqual(group.members, ["ben", "anna"]);
    group.strike("ben");
    assert.deepEqual(group.members, ["anna"]);
  });

  test("takes a commit back when most of the other members refuse it", () => {
    const group = newGroup();
    group.create("anna", tag(0));
    for (const [epoch, id] of ["ben", "cleo", "mallory"].entries()) {
      group.commit(id, { epoch, tag: tag(epoch + 1) }, commit);
    }
    // Those who came before may judge; the committer and strangers may not.
    assert.equal(group.refuse("mallory", 3), undefined);
    assert.equal(group.refuse("stranger", 3), undefined);
    assert.equal(group.refuse("anna", 3), undefined);
    assert.equal(group.refuse("anna", 3), undefined);
    assert.equal(group.refuse("ben", 3)?.participantId, "mallory");
    assert.deepEqual(group.position, { epoch: 2, tag: tag(2) });
    assert.ok(!group.members.includes("mallory"));
  });

  test("lets nobody judge who only says where the group stands: newcomers are told that", () => {
    const group = newGroup();
    group.create("anna", tag(0));
    group.commit("ben", { epoch: 0, tag: tag(1) }, commit);
    const fakes = ["mallory-1", "mallory-2", "mallory-3", "mallory-4"];
    for (const fake of fakes) group.claim(fake, { epoch: 1, tag: tag(1) });
    group.commit("ben", { epoch: 1, tag: tag(2) }, commit);
    for (const fake of fakes) assert.equal(group.refuse(fake, 2), undefined);
    assert.equal(group.epoch, 2);
    assert.equal(group.refuse("anna", 2)?.participantId, "ben");
  });

  test("lets those judge who brought the group to a server that had not heard of it", () => {
    const group = newGroup();
    for (const id of ["anna", "ben", "cleo"]) group.claim(id, { epoch: 7, tag: tag(7) });
    group.commit("mallory", { epoch: 7, tag: tag(8) }, commit);
    assert.equal(group.refuse("anna", 8), undefined);
    assert.equal(group.refuse("ben", 8)?.participantId, "mallory");
    assert.deepEqual(group.position, { epoch: 7, tag: tag(7) });
  });
});
