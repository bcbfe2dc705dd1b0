import type { SeededRandom } from "../e2ee-group/seeded-random.ts";

const ownRandom = Math.random.bind(Math);

/** Jitter and chance in what is simulated follow the seed too. Returns how to end it. */
export function seedChance(random: SeededRandom): () => void {
  const set = (value: () => number) =>
    Object.defineProperty(Math, "random", { value, configurable: true, writable: true });
  set(() => random.below(2 ** 32) / 2 ** 32);
  return () => set(ownRandom);
}
