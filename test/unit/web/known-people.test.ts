import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownPeople } from "../../../src/web/state/known-people.ts";

function storageOf(stored = new Map<string, string>()) {
  return {
    stored,
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
}

const kept = (key: string) => ({ key, kept: true });
const passing = (key: string) => ({ key, kept: false });

test("who was verified is known again, under whatever name", () => {
  const storage = storageOf();
  new KnownPeople(storage).setVerified("Ada", kept("a"), true);
  const people = new KnownPeople(storage);
  assert.equal(people.standingOf("Ada", kept("a")), "verified");
  assert.equal(people.standingOf("Ada L.", kept("a")), "verified");
  assert.equal(people.standingOf("Bob", kept("b")), "unknown");
  assert.equal(people.standingOf("Ada", null), "unknown");
});

test("a known name with another key is a warning, however it is written", () => {
  const people = new KnownPeople(storageOf());
  people.setVerified("Ada Lovelace", kept("a"), true);
  assert.equal(people.standingOf(" ada  lovelace", kept("x")), "changed");
  assert.equal(people.standingOf("Ａda Lovelace", passing("y")), "changed");
  assert.equal(people.standingOf("Ada", kept("x")), "unknown");
  people.setVerified("Ada Lovelace", kept("x"), true);
  assert.equal(people.standingOf("Ada Lovelace", kept("x")), "verified");
  assert.equal(people.standingOf("Ada Lovelace", kept("a")), "verified");
});

test("a mark is taken back", () => {
  const storage = storageOf();
  const people = new KnownPeople(storage);
  people.setVerified("Ada", kept("a"), true);
  people.setVerified("Ada", kept("a"), false);
  assert.equal(people.standingOf("Ada", kept("a")), "unknown");
  assert.deepEqual(new KnownPeople(storage).get(), []);
});

test("a key of one stay is marked, not stored, and no warning comes of it", () => {
  const storage = storageOf();
  const people = new KnownPeople(storage);
  people.setVerified("Ada", passing("a"), true);
  assert.equal(people.standingOf("Ada", passing("a")), "verified");
  assert.equal(people.standingOf("Ada", passing("b")), "unknown");
  assert.deepEqual(new KnownPeople(storage).get(), []);
});

test("damage and a browser that stores nothing cost no more than the memory", () => {
  for (const damaged of ["{", "null", "[1,null,{}]", '{"key":1}']) {
    const storage = storageOf(new Map([["aparte:known-people", damaged]]));
    assert.deepEqual(new KnownPeople(storage).get(), []);
  }
  const forbidden = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  const people = new KnownPeople({ getItem: forbidden, setItem: forbidden });
  people.setVerified("Ada", kept("a"), true);
  assert.equal(people.standingOf("Ada", kept("a")), "verified");
});

test("only so many are kept, the oldest go first", () => {
  const people = new KnownPeople(storageOf());
  for (let index = 0; index < 510; index += 1) people.setVerified("x", kept(`${index}`), true);
  assert.equal(people.get().length, 500);
  assert.equal(people.get()[0]?.key, "10");
});
