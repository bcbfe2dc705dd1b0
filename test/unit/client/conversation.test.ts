import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CallError } from "../../../src/client/call-error.ts";
import { Conversation } from "../../../src/client/conversation/conversation.ts";
import type { CallMessage } from "../../../src/client/group/call-messages.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function conversationOf(participantId = "self", clock = new ManualClock()) {
  const sent: { message: CallMessage; to: string | null }[] = [];
  const failure: { error: Error | undefined } = { error: undefined };
  const conversation = new Conversation({
    participantId,
    name: "Me",
    clock,
    send: async (message, to) => {
      if (failure.error !== undefined) throw failure.error;
      sent.push({ message, to });
      await Promise.resolve();
    },
    identity: async () => Promise.resolve(undefined),
    codecs: async () => Promise.resolve(["vp8", "av1"]),
  });
  return { conversation, clock, sent, failure };
}

/** What is told of oneself when there is nothing more to tell. */
const ownProfile: CallMessage = { type: "profile", name: "Me", codecs: ["vp8", "av1"] };
const ada = { type: "profile", name: "Ada" } as const;
const settled = async () => new Promise((resolve) => setImmediate(resolve));

describe("the chat", () => {
  it("holds what the others wrote and what was sent, with the name of that time", async () => {
    const { conversation, clock, sent } = conversationOf();
    conversation.receive("ada", ada);
    conversation.receive("ada", { type: "chat", text: "Hello" });
    clock.advance(5);
    await conversation.sendChat("  Hi\u202E  ");
    conversation.receive("ada", { ...ada, name: "Ada II" });
    assert.deepEqual(
      conversation.state.chat.map(({ participantId, name, text }) => [participantId, name, text]),
      [
        ["ada", "Ada", "Hello"],
        ["self", "Me", "Hi"],
      ],
    );
    assert.equal(conversation.state.chat[1]?.atMs, clock.now());
    assert.deepEqual(sent, [{ message: { type: "chat", text: "Hi" }, to: null }]);
  });

  it("shows nothing of what could not be sent, and refuses what is empty", async () => {
    const { conversation, failure } = conversationOf();
    failure.error = new CallError("closed");
    await assert.rejects(conversation.sendChat("lost"), failure.error);
    await assert.rejects(conversation.sendChat(" \n "), { code: "bad-message" });
    assert.deepEqual(conversation.state.chat, []);
  });

  it("keeps the last 500, and hears a flood only in part", () => {
    const { conversation, clock } = conversationOf();
    for (let index = 0; index < 100; index += 1) {
      conversation.receive("mallory", { type: "chat", text: `${index}` });
    }
    assert.equal(conversation.state.chat.length, 30);
    conversation.receive("ada", { type: "chat", text: "still heard" });
    assert.equal(conversation.state.chat.at(-1)?.participantId, "ada");
    clock.advance(1_000);
    conversation.receive("mallory", { type: "chat", text: "heard again" });
    assert.equal(conversation.state.chat.at(-1)?.text, "heard again");
    for (let index = 0; index < 600; index += 1) {
      clock.advance(1_000);
      conversation.receive("ada", { type: "chat", text: `${index}` });
    }
    assert.equal(conversation.state.chat.length, 500);
    assert.equal(conversation.state.chat.at(-1)?.text, "599");
  });

  it("does not send more than the others would hear", async () => {
    const { conversation, sent } = conversationOf();
    for (let index = 0; index < 30; index += 1) await conversation.sendChat("x");
    await assert.rejects(conversation.sendChat("x"), { code: "rate-limited" });
    assert.equal(sent.length, 30);
  });
});

describe("reactions", () => {
  it("are shown for five seconds", async () => {
    const { conversation, clock } = conversationOf();
    const seen: string[] = [];
    conversation.events.on("reaction:received", ({ emoji }) => seen.push(emoji));
    conversation.receive("ada", { type: "reaction", emoji: "🎉" });
    conversation.receive("ada", { type: "reaction", emoji: "not one" });
    await conversation.react("👍");
    assert.deepEqual(
      conversation.state.reactions.map(({ participantId, emoji }) => [participantId, emoji]),
      [
        ["ada", "🎉"],
        ["self", "👍"],
      ],
    );
    assert.deepEqual(seen, ["🎉"]);
    clock.advance(5_000);
    assert.deepEqual(conversation.state.reactions, []);
    await assert.rejects(conversation.react("a"), { code: "bad-message" });
  });

  it("leave no timer behind when the call ends", () => {
    const { conversation, clock } = conversationOf();
    conversation.receive("ada", { type: "reaction", emoji: "🎉" });
    conversation.close();
    assert.equal(clock.pending, 0);
  });
});

describe("raised hands", () => {
  it("are in the order in which they were raised, on every side", async () => {
    const { conversation, clock, sent } = conversationOf();
    conversation.receive("bob", { type: "hand", raised: true });
    clock.advance(1_000);
    await conversation.setHandRaised(true);
    clock.advance(1_000);
    // Cyd is new here, and has had the hand up for longer than anybody.
    conversation.receive("cyd", { ...ada, handMs: 9_000 });
    // Raised already: that changes no place.
    conversation.receive("bob", { type: "hand", raised: true });
    assert.deepEqual(conversation.state.raisedHands, ["cyd", "bob", "self"]);
    conversation.receive("bob", { type: "hand", raised: false });
    assert.deepEqual(conversation.state.raisedHands, ["cyd", "self"]);
    await conversation.introduce("newcomer");
    assert.deepEqual(sent.at(-1), {
      message: { ...ownProfile, handMs: 1_000 },
      to: "newcomer",
    });
    await conversation.setHandRaised(false);
    await conversation.setHandRaised(false);
    assert.equal(sent.filter(({ message }) => message.type === "hand").length, 2);
  });

  it("go down with whoever leaves", () => {
    const { conversation } = conversationOf();
    conversation.receive("bob", { type: "hand", raised: true });
    conversation.receive("bob", ada);
    conversation.keepOnly(new Set(["self"]));
    assert.deepEqual(conversation.state.raisedHands, []);
    assert.equal(conversation.names.size, 0);
  });
});

describe("profiles", () => {
  it("are told again to whoever asks, and to nobody else", async () => {
    const { conversation, sent } = conversationOf();
    conversation.receive("ada", ada);
    conversation.receive("bob", { ...ada, name: "Bob", ask: true });
    await settled();
    assert.deepEqual(sent, [{ message: ownProfile, to: "bob" }]);
  });

  it("are told to a few newcomers alone, to many at once, and to a crowd that asks in part", async () => {
    const { conversation, sent } = conversationOf();
    conversation.welcome([]);
    conversation.welcome(["ada", "bob"]);
    await settled();
    assert.deepEqual(
      sent.map(({ to }) => to),
      ["ada", "bob"],
    );
    conversation.welcome(["1", "2", "3", "4", "5"]);
    await settled();
    assert.equal(sent.length, 3);
    assert.equal(sent[2]?.to, null);
    for (let index = 0; index < 1_000; index += 1) {
      conversation.receive(`p${index}`, { ...ada, ask: true });
    }
    await settled();
    assert.equal(sent.length, 33);
    assert.equal(conversation.names.size, 1_000);
  });

  it("are cleaned before they are shown", () => {
    const { conversation } = conversationOf();
    conversation.receive("eve", { type: "profile", name: "\u202EadA\u0000" });
    assert.equal(conversation.names.get("eve"), "adA");
  });

  it("that cannot be sent are no failure", async () => {
    const { conversation, failure } = conversationOf();
    failure.error = new Error("disconnected");
    await conversation.introduce(null, true);
  });
});
