import { CallGroup, Newcomer } from "../../src/e2ee/group/index.ts";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../src/lib/base64url.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";

export function randomId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
}

export function newcomerTo(invitation: Invitation): Promise<Newcomer> {
  return Newcomer.create({ invitation, participantId: randomId() }, Date.now());
}

/** Newcomers of whom somebody else keeps what is secret. */
export type ElsewhereMade = (count: number) => Promise<readonly Uint8Array[]>;

/** What one commit let in, and how long each side took, in milliseconds. */
export interface Admission {
  readonly added: number;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
  readonly commitMs: number;
  readonly processMs: readonly number[];
  readonly welcomeMs: readonly number[];
}

/**
 * A group of which only some members keep a state, as many as one process can carry; the others
 * are leaves of the tree like any others, whose KeyPackages were made and checked as always.
 */
export class Crowd {
  readonly invitation: Invitation;
  readonly followers: CallGroup[];
  size = 1;

  static async found(invitation = createInvitation()): Promise<Crowd> {
    const founder = await CallGroup.create({ invitation, participantId: randomId() });
    return new Crowd(invitation, founder);
  }

  private constructor(invitation: Invitation, founder: CallGroup) {
    this.invitation = invitation;
    this.followers = [founder];
  }

  /** Grows as a storm does: by full commits, each by one of those who came before. */
  async growTo(
    size: number,
    followersOfEach: number,
    elsewhere?: ElsewhereMade,
  ): Promise<Admission[]> {
    const { admitBatch } = DEFAULT_SIGNALING_OPTIONS;
    const admissions: Admission[] = [];
    while (this.size < size) {
      const count = Math.min(admitBatch, size - this.size);
      admissions.push(await this.admit(count, followersOfEach, elsewhere));
    }
    return admissions;
  }

  /** Grows as a call does to which people come one by one: each by a commit of its own. */
  async growOneByOne(size: number, followers: number): Promise<void> {
    const [first] = this.followers;
    if (first === undefined) throw new Error("the crowd is empty");
    while (this.size < size) {
      const groupInfo = await first.groupInfo();
      const options = { invitation: this.invitation, participantId: randomId() };
      const { group, commit } = await CallGroup.join(options, groupInfo);
      for (const follower of this.followers) await follower.process(commit);
      this.size += 1;
      // Evenly spread over the tree.
      if (this.followers.length <= (followers * this.size) / size) this.followers.push(group);
      else group.close();
    }
  }

  /** `followers` of the newcomers keep their states here, evenly spread over the tree. */
  async admit(count: number, followers: number, elsewhere?: ElsewhereMade): Promise<Admission> {
    const real = Math.min(count, followers);
    const waiting: Newcomer[] = [];
    while (waiting.length < real) waiting.push(await newcomerTo(this.invitation));
    const others = await (elsewhere ?? this.#nobody)(count - real);
    const add = interleave(
      waiting.map(({ keyPackage }) => keyPackage),
      others,
    );
    const committer = this.followers[Math.floor(Math.random() * this.followers.length)];
    if (committer === undefined) throw new Error("the crowd is empty");
    const [commitMs, pending] = await timed(() => committer.prepareChange({ add }, Date.now()));
    const { commit, welcome } = pending;
    if (welcome === undefined || pending.joined.length !== count) throw new Error("not all are in");
    pending.apply();
    const processMs: number[] = [];
    for (const follower of this.followers) {
      if (follower !== committer) processMs.push((await timed(() => follower.process(commit)))[0]);
    }
    const welcomeMs: number[] = [];
    for (const each of waiting) {
      const [tookMs, group] = await timed(() => each.enter(welcome));
      welcomeMs.push(tookMs);
      this.followers.push(group);
    }
    this.size += count;
    return { added: count, commit, welcome, commitMs, processMs, welcomeMs };
  }

  /** Leaves like any others, of whom nobody keeps what is secret. */
  readonly #nobody: ElsewhereMade = async (count) => {
    const keyPackages: Uint8Array[] = [];
    while (keyPackages.length < count) {
      const each = await newcomerTo(this.invitation);
      keyPackages.push(each.keyPackage);
      each.close();
    }
    return keyPackages;
  };

  /** Shuts out all but those who keep a state, and `others`, by one commit. */
  async emptyTo(others: number): Promise<{ commitMs: number; processMs: readonly number[] }> {
    const [committer] = this.followers;
    if (committer === undefined) throw new Error("the crowd is empty");
    const kept = new Set(this.followers.map((group) => group.ownLeafIndex));
    const remove = committer.members
      .filter(({ leafIndex }) => !kept.has(leafIndex))
      .slice(others)
      .map(({ participantId }) => participantId);
    const [commitMs, pending] = await timed(() => committer.prepareRemove(remove));
    pending.apply();
    const processMs: number[] = [];
    for (const follower of this.followers.slice(1)) {
      processMs.push((await timed(() => follower.process(pending.commit)))[0]);
    }
    this.size -= remove.length;
    return { commitMs, processMs };
  }

  /** Throws unless all who keep a state hold the same one, with everybody in it. */
  assertAgreement(): void {
    const [first] = this.followers;
    for (const { epochTag, members } of this.followers) {
      if (epochTag !== first?.epochTag) throw new Error("the members stand at different epochs");
      if (members.length !== this.size) throw new Error("somebody is missing");
    }
  }
}

/** The few at even distances among the many. */
function interleave<Item>(few: readonly Item[], many: readonly Item[]): Item[] {
  const all = [...many];
  const step = all.length / Math.max(1, few.length);
  for (const [index, item] of few.entries())
    all.splice(Math.round((index + 0.5) * step) + index, 0, item);
  return all;
}

export async function timed<Result>(step: () => Promise<Result>): Promise<[number, Result]> {
  const startMs = performance.now();
  const result = await step();
  return [performance.now() - startMs, result];
}
