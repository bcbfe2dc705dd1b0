import { CallGroup, Newcomer } from "../../src/e2ee/group/index.ts";
import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../src/lib/base64url.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";

export const invitation = createInvitation();

export function randomId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
}

export function newcomer(participantId = randomId()): Promise<Newcomer> {
  return Newcomer.create({ invitation, participantId }, Date.now());
}

/** What one commit let in, and how long each side took, in milliseconds. */
export interface Admission {
  readonly added: number;
  readonly commitMs: number;
  readonly processMs: readonly number[];
  readonly welcomeMs: readonly number[];
  readonly commitBytes: number;
  readonly welcomeBytes: number;
}

/**
 * A group of which only some members keep a state, as many as one process can carry; the others
 * are leaves of the tree like any others, whose KeyPackages were made and checked as always.
 */
export class Crowd {
  readonly followers: CallGroup[];
  size = 1;

  static async found(): Promise<Crowd> {
    return new Crowd(await CallGroup.create({ invitation, participantId: randomId() }));
  }

  private constructor(founder: CallGroup) {
    this.followers = [founder];
  }

  /** Grows as a storm does: by full commits, each by one of those who came before. */
  async growTo(size: number, followersOfEach: number): Promise<Admission[]> {
    const { admitBatch } = DEFAULT_SIGNALING_OPTIONS;
    const admissions: Admission[] = [];
    while (this.size < size) {
      const count = Math.min(admitBatch, size - this.size);
      admissions.push(await this.admit(count, followersOfEach));
    }
    return admissions;
  }

  /** Grows as a call does to which people come one by one: each by a commit of its own. */
  async growOneByOne(size: number, followers: number): Promise<void> {
    const [first] = this.followers;
    if (first === undefined) throw new Error("the crowd is empty");
    while (this.size < size) {
      const groupInfo = await first.groupInfo();
      const options = { invitation, participantId: randomId() };
      const { group, commit } = await CallGroup.join(options, groupInfo);
      for (const follower of this.followers) await follower.process(commit);
      this.size += 1;
      // Evenly spread over the tree.
      if (this.followers.length <= (followers * this.size) / size) this.followers.push(group);
      else group.close();
    }
  }

  async admit(count: number, followers: number): Promise<Admission> {
    const waiting: Newcomer[] = [];
    while (waiting.length < count) waiting.push(await newcomer());
    const committer = this.followers[Math.floor(Math.random() * this.followers.length)];
    if (committer === undefined) throw new Error("the crowd is empty");
    const add = waiting.map(({ keyPackage }) => keyPackage);
    const [commitMs, pending] = await timed(() => committer.prepareChange({ add }, Date.now()));
    const { commit, welcome } = pending;
    if (welcome === undefined) throw new Error("nobody was let in");
    pending.apply();
    const processMs: number[] = [];
    for (const follower of this.followers) {
      if (follower !== committer) processMs.push((await timed(() => follower.process(commit)))[0]);
    }
    const welcomeMs: number[] = [];
    for (const [index, each] of waiting.entries()) {
      // Evenly spread over the tree.
      if (
        Math.floor(((index + 1) * followers) / count) === Math.floor((index * followers) / count)
      ) {
        each.close();
        continue;
      }
      const [tookMs, group] = await timed(() => each.enter(welcome));
      welcomeMs.push(tookMs);
      this.followers.push(group);
    }
    this.size += count;
    const sizes = { commitBytes: commit.length, welcomeBytes: welcome.length };
    return { added: count, commitMs, processMs, welcomeMs, ...sizes };
  }

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

export async function timed<Result>(step: () => Promise<Result>): Promise<[number, Result]> {
  const startMs = performance.now();
  const result = await step();
  return [performance.now() - startMs, result];
}
