import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallFacts } from "../../../src/client/call-view.ts";
import { viewCall } from "../../../src/client/call-view.ts";

const SIGNATURE_KEY = new Uint8Array(32);
const QUIET = { chat: [], reactions: [], raisedHands: [] };

function facts(changes: Partial<CallFacts> = {}): CallFacts {
  return {
    phase: "joined",
    end: null,
    participantId: "self",
    name: "Me",
    localStreams: [],
    members: ["ada", "self", "bob"].map((participantId, leafIndex) => ({
      participantId,
      leafIndex,
      signatureKey: SIGNATURE_KEY,
    })),
    epoch: 3,
    cipherSuite: "suite",
    roster: {
      present: new Set(["ada", "bob"]),
      left: new Set(),
      isConnected: () => true,
      isMuted: () => false,
    },
    names: new Map([["ada", "Ada"]]),
    incoming: [],
    speakers: new Set(),
    trouble: () => "none",
    conversation: QUIET,
    code: null,
    repair: "none",
    locked: false,
    mediaConnected: true,
    identity: () => null,
    ...changes,
  };
}

describe("the picture of a call", () => {
  it("shows the others in the order of the tree", () => {
    const state = viewCall(facts(), undefined);
    assert.deepEqual(
      state.participants.map(({ participantId, name, presence }) => [
        participantId,
        name,
        presence,
      ]),
      [
        ["ada", "Ada", "present"],
        ["bob", "", "present"],
      ],
    );
    assert.deepEqual(state.encryption, {
      epoch: 3,
      members: 3,
      cipherSuite: "suite",
      code: null,
      repair: "none",
    });
  });

  it("tells those who hold keys from those who do not yet, or still do", () => {
    const state = viewCall(
      facts({
        roster: {
          present: new Set(["ada", "newcomer"]),
          left: new Set(["bob"]),
          isConnected: (id) => id !== "ada",
          isMuted: () => false,
        },
      }),
      undefined,
    );
    assert.deepEqual(
      state.participants.map(({ participantId, presence }) => [participantId, presence]),
      [
        ["ada", "away"],
        ["bob", "leaving"],
        ["newcomer", "joining"],
      ],
    );
  });

  it("never hides a member of whom the server says nothing", () => {
    const roster = {
      present: new Set<string>(),
      left: new Set<string>(),
      isConnected: () => false,
      isMuted: () => false,
    };
    const state = viewCall(facts({ roster }), undefined);
    assert.deepEqual(
      state.participants.map(({ presence }) => presence),
      ["away", "away"],
    );
  });

  it("keeps the objects of what did not change", () => {
    const before = viewCall(facts(), undefined);
    const after = viewCall(facts({ speakers: new Set(["bob"]) }), before);
    assert.equal(after.participants[0], before.participants[0]);
    assert.notEqual(after.participants[1], before.participants[1]);
    assert.equal(after.encryption, before.encryption);
    assert.equal(after.conversation, before.conversation);
    assert.equal(after.self, before.self);
    assert.equal(viewCall(facts(), before).participants, before.participants);
  });

  it("shows raised hands and identities, and keeps them while they stay the same", () => {
    const conversation = { chat: [], reactions: [], raisedHands: ["self", "bob"] };
    const identity = (id: string) => ({ key: `key of ${id}`, kept: false });
    const before = viewCall(facts({ conversation, identity }), undefined);
    assert.equal(before.self.handRaised, true);
    assert.deepEqual(
      before.participants.map(({ handRaised, identity: shown }) => [handRaised, shown?.key]),
      [
        [false, "key of ada"],
        [true, "key of bob"],
      ],
    );
    const after = viewCall(facts({ conversation: { ...conversation }, identity }), before);
    assert.equal(after.participants, before.participants);
    assert.equal(after.self, before.self);
    assert.equal(after.conversation, before.conversation);
  });
});
