import assert from "node:assert/strict";
import { test } from "node:test";
import { Notices } from "../../../src/web/state/notices.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const joined = (name: string) => ({ kind: "joined", name }) as const;
const names = (notices: Notices) =>
  notices.get().map(({ notice }) => ("name" in notice ? notice.name : notice.kind));

test("a notice goes by itself after a while", () => {
  const clock = new ManualClock();
  const notices = new Notices(clock);
  notices.show(joined("Ada"));
  clock.advance(3_000);
  notices.show(joined("Bob"));
  clock.advance(2_000);
  assert.deepEqual(names(notices), ["Bob"]);
  clock.advance(3_000);
  assert.deepEqual(names(notices), []);
});

test("a storm shows the latest few, and leaves no timer of the others", () => {
  const clock = new ManualClock();
  const notices = new Notices(clock);
  for (let index = 0; index < 50; index += 1) notices.show(joined(`n${index}`));
  assert.deepEqual(names(notices), ["n47", "n48", "n49"]);
  assert.equal(clock.pending, 3);
});

test("one that is dismissed goes at once; the end takes all", () => {
  const clock = new ManualClock();
  const notices = new Notices(clock);
  notices.show(joined("Ada"));
  notices.show(joined("Bob"));
  notices.dismiss(notices.get()[0]?.id ?? -1);
  assert.deepEqual(names(notices), ["Bob"]);
  notices.close();
  assert.deepEqual(names(notices), []);
  assert.equal(clock.pending, 0);
});

test("of a chat only the last words are shown, and nothing else makes room for them", () => {
  const clock = new ManualClock();
  const notices = new Notices(clock);
  notices.show(joined("Ada"));
  for (const text of ["one", "two", "three"]) notices.show({ kind: "chat", name: "Bob", text });
  assert.deepEqual(
    notices.get().map(({ notice }) => ("text" in notice ? notice.text : notice.kind)),
    ["joined", "three"],
  );
  assert.equal(clock.pending, 2);
});
