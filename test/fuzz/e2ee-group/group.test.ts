import { suite, test } from "node:test";
import { suiteOf } from "../../../src/e2ee/group/mls/cipher-suite.ts";
import { CLASSICAL_SUITE } from "../../unit/e2ee/group/classical-suite.ts";
import { runInterleaving } from "./interleaving.ts";
import { runMutations } from "./mutations.ts";

// More rounds and seeds: `node test/fuzz/e2ee-group/run.ts --help`.
suite("a call group under fuzzing", () => {
  for (const seed of [1, 2]) {
    test(`agrees through any order of joins, removals and updates (seed ${seed})`, async () => {
      await runInterleaving({ seed, rounds: 30, maxMembers: 9 });
    });
  }

  test("does so with a classical suite too", async () => {
    await runInterleaving({ seed: 3, rounds: 40, maxMembers: 12, suite: CLASSICAL_SUITE });
  });

  test("does so with post-quantum signatures too", async () => {
    const postQuantum = suiteOf({ signatures: "post-quantum" });
    await runInterleaving({ seed: 4, rounds: 10, maxMembers: 5, suite: postQuantum });
  });

  test("refuses altered bytes and noise, unharmed", async () => {
    await runMutations({ seed: 3, copies: 40 });
  });
});
