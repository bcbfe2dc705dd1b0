import assert from "node:assert/strict";
import { CallGroup, GroupError, Newcomer } from "../../../src/e2ee/group/index.ts";
import { CallLab, randomId } from "../../unit/e2ee/group/call-lab.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface MutationOptions {
  readonly seed: number;
  /** Altered copies of each kind of message. */
  readonly copies: number;
}

const EXPECTED: ReadonlySet<string> = new Set(["refused", "wrong-epoch"]);

const NOW_MS = Date.UTC(2030, 0, 1);

/**
 * Gives altered commits, GroupInfos, KeyPackages, Welcomes and messages, and plain noise, to whoever
 * takes them: each is refused with a `GroupError`, and afterwards the unaltered ones still serve.
 */
export async function runMutations({ seed, copies }: MutationOptions): Promise<void> {
  const random = new SeededRandom(seed);
  const lab = await CallLab.of(3);
  const [sender, receiver] = [lab.at(0), lab.at(1)];
  const authenticator = receiver.epochAuthenticator;
  const update = await sender.prepareUpdate();
  const removal = await sender.prepareRemove([lab.idAt(2)]);
  const { message } = await sender.sealMessage(Uint8Array.of(1, 2, 3));
  const groupInfo = await sender.groupInfo();
  const { invitation } = lab;
  const entry = await CallGroup.join({ invitation, participantId: randomId() }, groupInfo);
  const join = (info: Uint8Array) =>
    CallGroup.join({ invitation, participantId: randomId() }, info);

  for (let copy = 0; copy < copies; copy += 1) {
    for (const commit of [update.commit, removal.commit, entry.commit]) {
      await assertRefused(receiver.process(alter(commit, random)));
    }
    await assertRefused(receiver.openMessage(alter(message, random)));
    await assertRefused(join(alter(groupInfo, random)));
    const noise = makeNoise(random);
    await assertRefused(receiver.process(noise));
    await assertRefused(receiver.openMessage(noise));
    await assertRefused(join(noise));
  }
  assert.deepEqual(receiver.epochAuthenticator, authenticator);
  assert.deepEqual((await receiver.openMessage(message)).data, Uint8Array.of(1, 2, 3));
  await join(groupInfo);
  await mutateWelcome(lab, copies, random);
  await lab.deliver(entry.commit);
  lab.groups.set("joined", entry.group);
  assert.deepEqual(entry.group.epochAuthenticator, receiver.epochAuthenticator);
  lab.close();
}

/** Lets nobody in by an altered KeyPackage, and nobody enters by an altered Welcome. */
async function mutateWelcome(lab: CallLab, copies: number, random: SeededRandom): Promise<void> {
  const { invitation } = lab;
  const member = lab.at(0);
  const newcomer = await Newcomer.create({ invitation, participantId: randomId() }, NOW_MS);
  const letIn = (keyPackage: Uint8Array) => member.prepareChange({ add: [keyPackage] }, NOW_MS);
  for (let copy = 0; copy < copies; copy += 1) {
    for (const keyPackage of [alter(newcomer.keyPackage, random), makeNoise(random)]) {
      const pending = await letIn(keyPackage);
      assert.equal(pending.welcome, undefined);
      pending.discard();
    }
  }
  const pending = await letIn(newcomer.keyPackage);
  const welcome = pending.welcome ?? assert.fail("nobody is let in");
  for (let copy = 0; copy < copies; copy += 1) {
    await assertRefused(newcomer.enter(alter(welcome, random)));
    await assertRefused(newcomer.enter(makeNoise(random)));
  }
  (await newcomer.enter(welcome)).close();
  pending.discard();
}

async function assertRefused(attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => error instanceof GroupError && EXPECTED.has(error.code));
}

/** One to three changes: a bit, a byte, a cut, a doubled or moved stretch. */
function alter(original: Uint8Array, random: SeededRandom): Uint8Array {
  let altered = new Uint8Array(original);
  for (let change = random.below(3); change >= 0 || sameBytes(altered, original); change -= 1) {
    const at = random.below(altered.length);
    const kind = random.below(6);
    if (kind <= 2) altered[at] = (altered[at] ?? 0) ^ (1 << random.below(8));
    else if (kind === 3) altered[at] = random.pick([0, 1, 0x3f, 0x40, 0x80, 0xff]);
    else if (kind === 4) altered = altered.slice(0, Math.max(1, at));
    else altered = Uint8Array.of(...altered.subarray(0, at), ...altered.subarray(at >> 1));
  }
  return altered;
}

/** Random bytes, half of them behind the header of a real MLS message. */
function makeNoise(random: SeededRandom): Uint8Array {
  const noise = Uint8Array.from({ length: 1 + random.below(400) }, () => random.below(256));
  if (random.below(2) === 0) noise.set([0, 1, 0, 1 + random.below(5)].slice(0, noise.length));
  return noise;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
