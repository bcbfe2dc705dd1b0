import assert from "node:assert/strict";
import { CallGroup } from "../../../src/e2ee/group/index.ts";
import type { CipherSuite } from "../../../src/e2ee/group/mls/cipher-suite.ts";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import { CallLab } from "../../unit/e2ee/group/call-lab.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface InterleavingOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly maxMembers: number;
  readonly suite?: CipherSuite;
}

/**
 * Joins one by one and together, removals of several at once, leaf updates, kicks, locks, lost races
 * and re-entries in a random order;
 * after each round all members agree, and who was removed follows no commit.
 */
export async function runInterleaving(options: InterleavingOptions): Promise<void> {
  const random = new SeededRandom(options.seed);
  const lab = await CallLab.of(1, createInvitation(), options.suite);
  for (let round = 0; round < options.rounds; round += 1) {
    await pickStep(lab, random, options.maxMembers)();
    await lab.assertAgreement();
  }
  lab.close();
}

function pickStep(lab: CallLab, random: SeededRandom, maxMembers: number): () => Promise<unknown> {
  const steps = [() => lab.update(anyone(lab, random)), () => exchangeMessage(lab, random)];
  const room = maxMembers - lab.groups.size;
  if (room > 0 && !lab.at(0).locked) {
    steps.push(...repeat(2, () => newcomer(lab)));
    steps.push(...repeat(3, () => admitSome(lab, random, room)));
  }
  steps.push(() => toggleLock(lab, random));
  if (lab.groups.size > 1) {
    steps.push(() => kickOne(lab, random));
    steps.push(...repeat(2, () => removeSome(lab, random)));
    steps.push(() => race(lab, random));
    steps.push(() => reenter(lab, random));
  }
  return random.pick(steps);
}

async function newcomer(lab: CallLab): Promise<void> {
  await lab.join();
}

/** Newcomers, leavers and members that come again, all by one commit. */
async function admitSome(lab: CallLab, random: SeededRandom, room: number): Promise<void> {
  const committer = anyone(lab, random);
  const others = [...lab.groups].filter(([, group]) => group !== committer).map(([id]) => id);
  const shuffled = others.map((id) => ({ id, at: random.below(1_000) }));
  const ids = shuffled.sort((a, b) => a.at - b.at).map(({ id }) => id);
  const remove = ids.splice(0, random.below(Math.min(2, ids.length) + 1));
  const returning = ids.splice(0, random.below(Math.min(2, ids.length) + 1));
  await lab.admit(committer, 1 + random.below(Math.min(4, room)), { remove, returning });
}

async function toggleLock(lab: CallLab, random: SeededRandom): Promise<void> {
  const committer = anyone(lab, random);
  await lab.accept(committer, await committer.prepareLock(!committer.locked));
  const locked = new Set([...lab.groups.values()].map((group) => group.locked));
  assert.equal(locked.size, 1);
}

/** Whoever is kicked follows nothing, and comes back neither by the old link nor by their leaf. */
async function kickOne(lab: CallLab, random: SeededRandom): Promise<void> {
  const committer = anyone(lab, random);
  const others = [...lab.groups].filter(([, group]) => group !== committer);
  const [participantId, victim] = random.pick(others);
  const pending = await committer.prepareKick([participantId]);
  lab.groups.delete(participantId);
  const before = victim.invitation;
  await lab.accept(committer, pending);
  const groupInfo = await committer.groupInfo();
  await assert.rejects(victim.rejoin(groupInfo));
  const { suite } = lab;
  await assert.rejects(CallGroup.join({ invitation: before, participantId, suite }, groupInfo));
  await assert.rejects(victim.process(pending.commit), { code: "kicked" });
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
