import { suite, test } from "node:test";
import { runInterleaving } from "./interleaving.ts";
import { runMutations } from "./mutations.ts";

// More rounds and seeds: `node test/fuzz/e2ee-group/run.ts --help`.
suite("a call group under fuzzing", () => {
  for (const seed of [1, 2]) {
    test(`agrees through any order of joins, removals and updates (seed ${seed})`, async () => {
      await runInterleaving({ seed, rounds: 30, maxMembers: 9 });
    });
  }

  test("refuses altered bytes and noise, unharmed", async () => {
    await runMutations({ seed: 3, copies: 40 });
  });
});
