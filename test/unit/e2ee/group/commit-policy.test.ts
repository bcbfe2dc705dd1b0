import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CommitContent } from "../../../../src/e2ee/group/commit-policy.ts";
import { equalRosters, planCommit } from "../../../../src/e2ee/group/commit-policy.ts";
import { OPEN_CALL } from "../../../../src/e2ee/group/call-state.ts";
import { GROUP_LIMITS } from "../../../../src/e2ee/group/index.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { byProof } from "../../../../src/e2ee/group/leaf-admission.ts";
import { encodeLeafIdentity } from "../../../../src/e2ee/group/leaf-identity.ts";
import type { GroupMember, Leaf } from "../../../../src/e2ee/group/roster.ts";
import { readRoster } from "../../../../src/e2ee/group/roster.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { randomId } from "./call-lab.ts";

const admission = createInvitation();
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

function member(leafIndex: number): GroupMember {
  return { participantId: randomId(), leafIndex, signatureKey: randomBytes(32) };
}

function leafOf({ participantId, signatureKey, leafIndex }: GroupMember): Leaf {
  return {
    leafIndex,
    identity: encodeLeafIdentity(participantId, signatureKey, admission),
    signatureKey,
    encryptionKey: randomBytes(8),
    plain: true,
  };
}

// Leaf 1 is blank.
const [alice, bob, carol] = [member(0), member(2), member(3)];
const roster = [alice, bob, carol];
const remove = (leafIndex: number) => ({ kind: "remove", leafIndex }) as const;
const init = { kind: "external-init" } as const;

const byBob: CommitContent = {
  senderLeafIndex: 2,
  proposals: [],
  pathLeaf: leafOf(bob),
  authenticatedData: new Uint8Array(),
};
const newcomer = member(1);
const byNewcomer: CommitContent = {
  senderLeafIndex: undefined,
  proposals: [init],
  pathLeaf: leafOf(newcomer),
  authenticatedData: new Uint8Array(),
};
const { maxMembers } = suiteOf(admission);
const base = { members: roster, rules: OPEN_CALL, admission, maxMembers };

function assertRefused(content: CommitContent, message: RegExp): void {
  assert.throws(() => planCommit(content, base), { code: "refused", message });
}

suite("a member's commit", () => {
  test("may update its leaf", () => {
    assert.deepEqual(planCommit(byBob, base), {
      committer: bob,
      action: "none",
      added: [],
      rules: OPEN_CALL,
      joined: [],
      left: [],
      removedLeaves: [],
      roster,
    });
  });

  test("may remove others", () => {
    const content = { ...byBob, proposals: [remove(3), remove(0)] };
    assert.deepEqual(planCommit(content, base), {
      committer: bob,
      action: "none",
      added: [],
      rules: OPEN_CALL,
      joined: [],
      left: [carol.participantId, alice.participantId],
      removedLeaves: [3, 0],
      roster: [bob],
    });
  });

  test("is refused otherwise", () => {
    assertRefused({ ...byBob, pathLeaf: undefined }, /no path/);
    assertRefused({ ...byBob, proposals: [remove(2)] }, /not a member that stays/);
    assertRefused({ ...byBob, proposals: [remove(0), remove(0)] }, /twice/);
    assertRefused({ ...byBob, proposals: [remove(1)] }, /not there/);
    assertRefused({ ...byBob, proposals: [remove(0.5)] }, /not there/);
    assertRefused({ ...byBob, proposals: [{ kind: "other" }] }, /not allowed/);
    assertRefused({ ...byBob, proposals: [init] }, /a newcomer's proposal/);
    assertRefused({ ...byBob, senderLeafIndex: 1 }, /not a member that stays/);
    assertRefused({ ...byBob, senderLeafIndex: 0 }, /changes its id or signature key/);
    assertRefused({ ...byBob, pathLeaf: { ...leafOf(bob), plain: false } }, /does not support/);
    assertRefused({ ...byBob, pathLeaf: { ...leafOf(bob), identity: undefined } }, /not prove/);
  });
});

suite("a newcomer's commit", () => {
  test("adds it at the leftmost blank leaf", () => {
    assert.deepEqual(planCommit(byNewcomer, base), {
      committer: newcomer,
      action: "none",
      added: [],
      rules: OPEN_CALL,
      joined: [newcomer.participantId],
      left: [],
      removedLeaves: [],
      roster: [alice, newcomer, bob, carol],
    });
  });

  test("may replace its own leaf", () => {
    const content = { ...byNewcomer, proposals: [remove(3), init], pathLeaf: leafOf(carol) };
    assert.deepEqual(planCommit(content, base), {
      committer: { ...carol, leafIndex: 1 },
      action: "none",
      added: [],
      rules: OPEN_CALL,
      joined: [],
      left: [],
      removedLeaves: [3],
      roster: [alice, { ...carol, leafIndex: 1 }, bob],
    });
  });

  test("is refused otherwise", () => {
    assertRefused({ ...byNewcomer, proposals: [] }, /exactly one ExternalInit/);
    assertRefused({ ...byNewcomer, proposals: [init, init] }, /exactly one ExternalInit/);
    assertRefused({ ...byNewcomer, proposals: [init, remove(0)] }, /another member/);
    assertRefused({ ...byNewcomer, proposals: [init, remove(0), remove(2)] }, /at most its own/);
    assertRefused({ ...byNewcomer, proposals: [init, { kind: "other" }] }, /not allowed/);
    assertRefused({ ...byNewcomer, pathLeaf: leafOf(carol) }, /takes the id of a member/);
    const otherKey = { ...carol, signatureKey: randomBytes(32) };
    const stealing = { ...byNewcomer, proposals: [init, remove(3)], pathLeaf: leafOf(otherKey) };
    assertRefused(stealing, /another member/);
  });

  test("is refused when the group is full", () => {
    const full = Array.from({ length: maxMembers }, (_, index) => member(index));
    assert.throws(() => planCommit(byNewcomer, { ...base, members: full }), {
      code: "refused",
      message: /full/,
    });
  });
});

suite("a tree's roster", () => {
  test("is read from leaves that all prove they hold the link", () => {
    assert.deepEqual(readRoster(roster.map(leafOf), byProof(admission)), roster);
    const elsewhere = createInvitation();
    assert.throws(() => readRoster(roster.map(leafOf), byProof(elsewhere)), { code: "refused" });
  });

  test("names nobody and no key twice", () => {
    const twice = (changes: Partial<Leaf>, of: GroupMember = member(1)) => [
      leafOf(alice),
      { ...leafOf(of), ...changes },
    ];
    const encryptionKey = Uint8Array.of(1);
    const cases: [RegExp, Leaf[]][] = [
      [/same participant id/, twice({}, { ...member(1), participantId: alice.participantId })],
      [/same signature key/, twice({}, { ...member(1), signatureKey: alice.signatureKey })],
      [
        /same encryption key/,
        [
          { ...leafOf(alice), encryptionKey },
          { ...leafOf(bob), encryptionKey },
        ],
      ],
    ];
    for (const [message, leaves] of cases) {
      assert.throws(() => readRoster(leaves, byProof(admission)), { code: "refused", message });
    }
  });

  test("has a bounded size", () => {
    const leaves = Array.from({ length: GROUP_LIMITS.members + 1 }, () => leafOf(alice));
    assert.throws(() => readRoster(leaves, byProof(admission)), { message: /too many leaves/ });
  });

  test("equals another of the same leaves only", () => {
    assert(
      equalRosters(
        roster,
        roster.map((each) => ({ ...each })),
      ),
    );
    assert(!equalRosters(roster, roster.slice(1)));
    assert(!equalRosters(roster, [alice, bob, { ...carol, leafIndex: 4 }]));
    assert(!equalRosters(roster, [alice, bob, { ...carol, participantId: randomId() }]));
    assert(!equalRosters(roster, [alice, bob, { ...carol, signatureKey: randomBytes(32) }]));
  });
});
