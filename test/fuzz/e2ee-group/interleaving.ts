import assert from "node:assert/strict";
import type { CallGroup } from "../../../src/e2ee/group/index.ts";
import { CallLab } from "../../unit/e2ee/group/call-lab.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface InterleavingOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly maxMembers: number;
}

/**
 * Joins, removals of several at once, leaf updates, lost races and re-entries in a random order;
 * after each round all members agree, and who was removed follows no commit.
 */
export async function runInterleaving(options: InterleavingOptions): Promise<void> {
  const random = new SeededRandom(options.seed);
  const lab = await CallLab.of(1);
  for (let round = 0; round < options.rounds; round += 1) {
    await pickStep(lab, random, options.maxMembers)();
    await lab.assertAgreement();
  }
  lab.close();
}

function pickStep(lab: CallLab, random: SeededRandom, maxMembers: number): () => Promise<unknown> {
  const steps = [() => lab.update(anyone(lab, random)), () => exchangeMessage(lab, random)];
  if (lab.groups.size < maxMembers) steps.push(...repeat(3, () => newcomer(lab)));
  if (lab.groups.size > 1) {
    steps.push(...repeat(2, () => removeSome(lab, random)));
    steps.push(() => race(lab, random));
    steps.push(() => reenter(lab, random));
  }
  return random.pick(steps);
}

async function newcomer(lab: CallLab): Promise<void> {
  await lab.join();
}

async function removeSome(lab: CallLab, random: SeededRandom): Promise<void> {
  const committer = anyone(lab, random);
  const others = [...lab.groups].filter(([, group]) => group !== committer).map(([id]) => id);
  const count = 1 + random.below(Math.min(3, others.length));
  const leaving = Array.from({ length: count }, () =>
    others.splice(random.below(others.length), 1),
  ).flat();
  const removed = await lab.remove(committer, leaving);
  const next = await committer.prepareUpdate();
  for (const group of removed) await assert.rejects(group.process(next.commit));
  next.discard();
}

/** Two commit at once: the first wins, the other's commit is void. */
async function race(lab: CallLab, random: SeededRandom): Promise<void> {
  const [winner, loser] = [anyone(lab, random), anyone(lab, random)];
  const [first, second] = [await winner.prepareUpdate(), await loser.prepareUpdate()];
  await lab.accept(winner, first);
  assert.throws(
    () => {
      second.apply();
    },
    { code: "commit-void" },
  );
}

async function reenter(lab: CallLab, random: SeededRandom): Promise<void> {
  const participantId = random.pick([...lab.groups.keys()]);
  const old = lab.groups.get(participantId);
  assert(old);
  lab.groups.delete(participantId);
  const entry = await old.rejoin(await anyone(lab, random).groupInfo());
  await lab.deliver(entry.commit);
  lab.groups.set(participantId, entry.group);
  old.close();
}

async function exchangeMessage(lab: CallLab, random: SeededRandom): Promise<void> {
  const [sender, receiver] = [anyone(lab, random), anyone(lab, random)];
  const data = Uint8Array.of(random.below(256));
  const { message } = await sender.sealMessage(data);
  if (receiver === sender) return;
  assert.deepEqual((await receiver.openMessage(message)).data, data);
}

function anyone(lab: CallLab, random: SeededRandom): CallGroup {
  return random.pick([...lab.groups.values()]);
}

function repeat<Item>(times: number, item: Item): Item[] {
  return Array.from({ length: times }, () => item);
}
