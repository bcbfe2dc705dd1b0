import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeCallMessage, encodeCallMessage } from "../../src/client/group/call-messages.ts";
import { isInvitationLink } from "../../src/client/invitations.ts";
import { decodeAction } from "../../src/e2ee/group/commit-action.ts";
import { GroupError } from "../../src/e2ee/group/index.ts";
import { readLeafIdentity } from "../../src/e2ee/group/leaf-identity.ts";
import {
  createInvitation,
  InvitationError,
  invitationLink,
  parseInvitationLink,
} from "../../src/e2ee/invitation/index.ts";
import { packBytes, unpackBytes } from "../../src/protocol/index.ts";

const RUNS = { numRuns: 1_000 };
const anyBytes = fc.uint8Array({ maxLength: 300 });

test("any bytes are a message of a call, or nothing", () => {
  const json = fc.json().map((text) => new TextEncoder().encode(text));
  const shape = fc.record(
    {
      type: fc.constantFrom("profile", "chat", "reaction", "hand", "other"),
      name: fc.string(),
      text: fc.string(),
      emoji: fc.string(),
      raised: fc.boolean(),
      handMs: fc.double(),
      codecs: fc.array(fc.string()),
      extra: fc.anything(),
    },
    { requiredKeys: ["type"] },
  );
  const honest = fc.oneof(
    fc.record({ type: fc.constant("chat"), text: fc.string() }),
    fc.record({ type: fc.constant("hand"), raised: fc.boolean() }),
    fc.record({ type: fc.constant("profile"), name: fc.string(), handMs: fc.nat() }),
  );
  const nearly = fc
    .oneof(shape, honest)
    .map((value) => new TextEncoder().encode(JSON.stringify(value)));
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(anyBytes, json, nearly), (bytes) => {
      const message = decodeCallMessage(bytes);
      if (message === undefined) return;
      taken += 1;
      assert.deepEqual(decodeCallMessage(encodeCallMessage(message)), message);
    }),
    RUNS,
  );
  assert.ok(taken > 0, "some were messages");
});

test("any bytes are packed items in their one form, or none", () => {
  const items = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.oneof(anyBytes, items.map(packBytes)), (packed) => {
      const unpacked = unpackBytes(packed, 5);
      if (unpacked === undefined) return;
      assert.ok(unpacked.length <= 5);
      assert.deepEqual(packBytes(unpacked), packed);
    }),
    RUNS,
  );
});

test("any text is an invitation or refused, and no altered one is taken for the same", () => {
  const link = invitationLink(createInvitation(), "https://calls.example.org");
  const { roomId } = parseInvitationLink(link);
  const at = fc.integer({ min: link.indexOf("#") + 1, max: link.length - 1 });
  const altered = fc
    .tuple(at, fc.string({ minLength: 1, maxLength: 1 }))
    .map(([index, text]) => link.slice(0, index) + text + link.slice(index + 1));
  fc.assert(
    fc.property(fc.oneof(fc.string(), altered), (text) => {
      if (!isInvitationLink(text)) {
        assert.throws(() => parseInvitationLink(text), InvitationError);
      } else if (new URL(text).hash !== new URL(link).hash) {
        assert.notEqual(parseInvitationLink(text).roomId, roomId);
      }
    }),
    RUNS,
  );
});

test("any bytes are a commit's action or refused, and a leaf's identity or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 4 }), anyBytes), (bytes) => {
      try {
        assert.ok(["none", "kick", "lock", "unlock"].includes(decodeAction(bytes)));
      } catch (error) {
        assert.ok(error instanceof GroupError && error.code === "refused");
      }
      const id = readLeafIdentity(bytes);
      if (id !== undefined) assert.match(id, /^[\w-]{22}$/u);
    }),
    RUNS,
  );
});
