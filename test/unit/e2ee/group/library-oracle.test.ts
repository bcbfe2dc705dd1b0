import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CiphersuiteImpl } from "ts-mls";
import { joinGroup } from "ts-mls/clientState.js";
import type { CipherSuite } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { getCiphersuiteImpl } from "ts-mls/crypto/getCiphersuiteImpl.js";
import { createCommit } from "ts-mls/createCommit.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { processPublicMessage } from "ts-mls/processMessages.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import type { MemberCommit } from "../../../../src/e2ee/group/mls/commit.ts";
import { newState } from "../../../../src/e2ee/group/mls/commit.ts";
import { createMlsGroup } from "../../../../src/e2ee/group/mls/found-group.ts";
import type { KeyPackageSecrets } from "../../../../src/e2ee/group/mls/key-package.ts";
import { makeKeyPackage } from "../../../../src/e2ee/group/mls/key-package.ts";
import type { OwnLeaf } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { assertTreeShape, verifyTree } from "../../../../src/e2ee/group/mls/tree-validation.ts";
import { enterByWelcome, openWelcome } from "../../../../src/e2ee/group/mls/welcome.ts";
import { decodeCanonical, decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { createGroupId } from "../../../../src/e2ee/group/group-id.ts";
import { SeededRandom } from "../../../fuzz/e2ee-group/seeded-random.ts";
import { SUITE, TRUSTING, forLibrary, librarySuite } from "./library-suite.ts";
import { CLASSICAL_SUITE } from "./classical-suite.ts";
import { randomId } from "./call-lab.ts";
import { commitOf, followOne, knowOwner } from "./state-lab.ts";

const ITS_FAULT = /intermediate node must list leaf node in its unmerged_leaves/;

interface Invited {
  readonly owner: OwnLeaf;
  readonly secrets: KeyPackageSecrets;
}

/** A group whose every step is made or followed by the MLS library too. */
class OracleLab {
  readonly random: SeededRandom;
  readonly ours: CipherSuite;
  /** The library's. */
  readonly suite: CiphersuiteImpl;
  readonly invitation: Invitation = createInvitation();
  states: MlsState[] = [];
  /** Valid trees that the library would not take. */
  wronglyRefused = 0;

  static async of(seed: number, ours: CipherSuite, theirs: CiphersuiteImpl): Promise<OracleLab> {
    const lab = new OracleLab(seed, ours, theirs);
    const owner = await lab.#newOwner();
    lab.states = [await createMlsGroup(createGroupId(lab.invitation.roomId), owner)];
    return lab;
  }

  private constructor(seed: number, ours: CipherSuite, theirs: CiphersuiteImpl) {
    this.random = new SeededRandom(seed);
    this.ours = ours;
    this.suite = theirs;
  }

  async #newOwner(): Promise<OwnLeaf> {
    const keys = await this.ours.signature.keygen();
    const admission = this.invitation;
    return knowOwner({ suite: this.ours, participantId: randomId(), keys, admission });
  }

  async round(maxMembers: number): Promise<void> {
    const committer = this.random.pick(this.states);
    const others = this.states.filter((state) => state !== committer);
    const leaving = others.filter(() => this.random.below(4) === 0);
    const room = maxMembers - this.states.length;
    const invited = await this.#invite(room > 0 ? this.random.below(Math.min(4, room + 1)) : 0);
    const removedLeaves = leaving.map((state) => state.privatePath.leafIndex);
    const added = invited.map(({ secrets }) => secrets.keyPackage);
    // What leaves its committer alone, or blanks the root, the library derives otherwise than the
    // RFC says: neither is compared.
    const made =
      this.random.below(3) === 0 && this.states.length - leaving.length + added.length > 1
        ? await this.#commitByLibrary(committer, removedLeaves, added)
        : await commitOf(committer, { removedLeaves, added });
    const staying = others.filter((state) => !leaving.includes(state));
    const next = await Promise.all(staying.map((state) => this.#follow(state, made)));
    const entered = await Promise.all(invited.map((each) => this.#enter(each, made)));
    for (const state of [...next, ...entered]) assertSame(state, made.next);
    this.states = [made.next, ...next, ...entered];
  }

  #invite(count: number): Promise<Invited[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const owner = await this.#newOwner();
        const { secrets } = await makeKeyPackage(owner, Date.now());
        return { owner, secrets };
      }),
    );
  }

  async #commitByLibrary(
    state: MlsState,
    removedLeaves: readonly number[],
    added: readonly KeyPackageSecrets["keyPackage"][],
  ): Promise<MemberCommit> {
    const {
      commit,
      newState: next,
      welcome,
    } = await createCommit(
      { state: forLibrary(state), cipherSuite: this.suite, pskIndex: emptyPskIndex },
      {
        wireAsPublicMessage: true,
        ratchetTreeExtension: true,
        extraProposals: [
          ...removedLeaves.map((removed) => ({
            proposalType: "remove" as const,
            remove: { removed },
          })),
          ...added.map((keyPackage) => ({ proposalType: "add" as const, add: { keyPackage } })),
        ],
      },
    );
    const content = commit.wireformat === "mls_public_message" && commit.publicMessage.content;
    const hasPath = content && content.contentType === "commit" && content.commit.path;
    // The library makes no path for Adds alone, which our rules ask for.
    if (!hasPath) return commitOf(state, { removedLeaves, added });
    return {
      commit: encodeMlsMessage(commit),
      next: {
        ...next,
        suite: this.ours,
        past: new Map(),
        // The library reaches all leaves at once.
        unreached: new Map(),
      },
      welcome:
        welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
    };
  }

  async #follow(state: MlsState, made: MemberCommit): Promise<MlsState> {
    const { message } = decodeCommit(this.ours, made.commit);
    const ours = await followOne(state, made.commit);
    if (reachesRoot(made.next)) {
      const { newState: theirs } = await processPublicMessage(
        forLibrary(state),
        message,
        emptyPskIndex,
        this.suite,
      );
      assertSame(ours, theirs);
    }
    return ours;
  }

  async #enter({ owner, secrets }: Invited, { welcome, next }: MemberCommit): Promise<MlsState> {
    assert(welcome);
    const opened = await openWelcome(this.ours, welcome, secrets);
    assertTreeShape(this.ours, opened.tree);
    await verifyTree(
      this.ours,
      opened.tree,
      opened.groupId,
      opened.groupInfo.groupContext.treeHash,
    );
    const { epoch, leafIndex, keys } = await enterByWelcome(opened, secrets);
    await this.#enterByLibrary(welcome, owner, secrets, next);
    return newState(epoch, opened.tree, owner, leafIndex, keys);
  }

  async #enterByLibrary(
    welcome: Uint8Array,
    owner: OwnLeaf,
    { keyPackage, initKey, leafKey }: KeyPackageSecrets,
    expected: MlsState,
  ): Promise<void> {
    const decoded = decodeCanonical(welcome, welcome.length);
    assert(decoded.wireformat === "mls_welcome");
    const privateKeys = {
      initPrivateKey: initKey,
      hpkePrivateKey: leafKey,
      signaturePrivateKey: owner.keys.signKey,
    };
    try {
      const theirs = await joinGroup(
        decoded.welcome,
        keyPackage,
        privateKeys,
        emptyPskIndex,
        this.suite,
        undefined,
        undefined,
        TRUSTING,
      );
      assertSame(theirs, expected);
    } catch (error) {
      assert(error instanceof Error);
      assert.match(error.message, ITS_FAULT);
      this.wronglyRefused += 1;
    }
  }
}

type Shared = Pick<MlsState, "keySchedule" | "groupContext" | "confirmationTag">;

function assertSame(a: Shared, b: Shared): void {
  assert.deepEqual(a.keySchedule, b.keySchedule);
  assert.deepEqual(a.groupContext, b.groupContext);
  assert.deepEqual(a.confirmationTag, b.confirmationTag);
}

function reachesRoot({ ratchetTree }: MlsState): boolean {
  return ratchetTree.length === 1 || ratchetTree[(ratchetTree.length - 1) / 2] !== undefined;
}

suite("commits and welcomes of our own", () => {
  for (const seed of [1, 6]) {
    test(`lead to what the MLS library comes to (seed ${seed})`, async () => {
      const lab = await OracleLab.of(seed, SUITE, await librarySuite());
      for (let round = 0; round < 14; round += 1) await lab.round(14);
      // Why we look at trees ourselves. When it fails, the library was mended.
      if (seed === 6) assert(lab.wronglyRefused > 0);
    });
  }

  test("do so with the standard's own suite, all of which the library has itself", async () => {
    const suiteId = getCiphersuiteFromName(CLASSICAL_SUITE.name);
    const lab = await OracleLab.of(11, CLASSICAL_SUITE, await getCiphersuiteImpl(suiteId));
    for (let round = 0; round < 30; round += 1) await lab.round(18);
  });
});
