import assert from "node:assert/strict";
import type { CommitOutcome, PendingCommit } from "../../../../src/e2ee/group/index.ts";
import type { CipherSuite } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { CallGroup, Newcomer } from "../../../../src/e2ee/group/index.ts";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../../../src/lib/base64url.ts";

export function randomId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** A room with an honest delivery service: the first commit of an epoch reaches all others. */
export class CallLab {
  readonly invitation: Invitation;
  readonly suite: CipherSuite;
  readonly groups = new Map<string, CallGroup>();

  constructor(invitation: Invitation, suite: CipherSuite) {
    this.invitation = invitation;
    this.suite = suite;
  }

  static async of(
    size: number,
    invitation = createInvitation(),
    suite = suiteOf(invitation),
  ): Promise<CallLab> {
    const lab = new CallLab(invitation, suite);
    await lab.found();
    while (lab.groups.size < size) await lab.join();
    return lab;
  }

  /** The member that came as the `index`-th of those who are in. */
  at(index: number): CallGroup {
    const group = [...this.groups.values()][index];
    assert(group, `no member ${index}`);
    return group;
  }

  idAt(index: number): string {
    const id = [...this.groups.keys()][index];
    assert(id, `no member ${index}`);
    return id;
  }

  async found(): Promise<CallGroup> {
    const participantId = randomId();
    const { invitation, suite } = this;
    const group = await CallGroup.create({ invitation, participantId, suite });
    this.groups.set(participantId, group);
    return group;
  }

  async join(participantId = randomId()): Promise<CallGroup> {
    const { invitation } = this.at(0);
    const groupInfo = await this.at(0).groupInfo();
    const { suite } = this;
    const entry = await CallGroup.join({ invitation, participantId, suite }, groupInfo);
    await this.deliver(entry.commit);
    this.groups.set(participantId, entry.group);
    return entry.group;
  }

  /** Several newcomers by one commit, with those who go; `returning` come again in their place. */
  async admit(
    committer: CallGroup,
    count: number,
    { remove = [], returning = [] }: { remove?: readonly string[]; returning?: string[] } = {},
  ): Promise<void> {
    const waiting = new Map<string, Newcomer>();
    for (let index = 0; index < count; index += 1) {
      const participantId = randomId();
      const options = { invitation: committer.invitation, participantId, suite: this.suite };
      waiting.set(participantId, await Newcomer.create(options, Date.now()));
    }
    for (const participantId of returning) {
      const group = this.groups.get(participantId);
      assert(group);
      waiting.set(participantId, await Newcomer.returning(group, Date.now()));
    }
    const add = [...waiting.values()].map(({ keyPackage }) => keyPackage);
    const pending = await committer.prepareChange({ remove, add }, Date.now());
    const { welcome } = pending;
    assert(welcome || waiting.size === 0);
    for (const id of [...remove, ...returning]) this.groups.delete(id);
    await this.accept(committer, pending);
    for (const [participantId, newcomer] of waiting) {
      assert(welcome);
      this.groups.set(participantId, await newcomer.enter(welcome));
    }
  }

  /** Returns the groups of those who were removed; they have not heard of it. */
  async remove(committer: CallGroup, participantIds: readonly string[]): Promise<CallGroup[]> {
    const pending = await committer.prepareRemove(participantIds);
    const removed = participantIds.map((participantId) => {
      const group = this.groups.get(participantId);
      assert(group);
      this.groups.delete(participantId);
      return group;
    });
    await this.accept(committer, pending);
    return removed;
  }

  async update(committer: CallGroup): Promise<void> {
    await this.accept(committer, await committer.prepareUpdate());
  }

  async accept(committer: CallGroup, pending: PendingCommit): Promise<void> {
    pending.apply();
    await this.deliver(pending.commit, committer);
  }

  async deliver(commit: Uint8Array, except?: CallGroup): Promise<CommitOutcome[]> {
    const others = [...this.groups.values()].filter((group) => group !== except);
    return Promise.all(others.map((group) => group.process(commit)));
  }

  /** Asserts that all who are in hold the same keys and see the same roster, and nobody else. */
  async assertAgreement(): Promise<void> {
    const expected = await view(this.at(0));
    for (const group of this.groups.values()) assert.deepEqual(await view(group), expected);
    const roster = this.at(0).members.map((member) => member.participantId);
    assert.deepEqual(roster.toSorted(compare), [...this.groups.keys()].toSorted(compare));
    for (const [participantId, group] of this.groups) {
      const own = group.members.find((member) => member.leafIndex === group.ownLeafIndex);
      assert.equal(own?.participantId, participantId);
    }
  }

  close(): void {
    for (const group of this.groups.values()) group.close();
  }
}

async function view(group: CallGroup) {
  const { ownLeafIndex: _, ...keys } = await group.frameKeys();
  return { ...keys, authenticator: group.epochAuthenticator, members: group.members };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
