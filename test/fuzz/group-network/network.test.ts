import { suite, test } from "node:test";
import { runSimulation } from "./simulation.ts";

// More seeds: `node test/fuzz/group-network/run.ts --seeds 1000`.
suite("groups on a bad network", () => {
  for (const seed of [1, 2]) {
    test(`come to hold one epoch, without those who are out (seed ${seed})`, async () => {
      await runSimulation({ seed, steps: 25, maxMembers: 6 });
    });
  }
});
