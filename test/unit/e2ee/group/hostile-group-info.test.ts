import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LeafNode } from "ts-mls";
import type { GroupInfoTBS } from "ts-mls/groupInfo.js";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import type { Node } from "ts-mls/ratchetTree.js";
import { encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { CallGroup, GROUP_LIMITS } from "../../../../src/e2ee/group/index.ts";
import { encodeLeafIdentity } from "../../../../src/e2ee/group/leaf-identity.ts";
import { decodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { foundGroup } from "../../../../src/e2ee/group/transitions.ts";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { CallLab, randomId } from "./call-lab.ts";
import { alterGroupInfo, enterAsInsider } from "./hostile.ts";
import { SUITE, generateLeafKeys } from "./library-suite.ts";

async function assertRefused(
  invitation: Invitation,
  groupInfo: Uint8Array,
  message: RegExp,
): Promise<void> {
  const entering = CallGroup.join({ invitation, participantId: randomId() }, groupInfo);
  await assert.rejects(entering, { code: "refused", message });
}

/** What a member can sign, with some of it changed. */
async function labWithSigner() {
  const lab = await CallLab.of(1);
  const insider = await enterAsInsider(lab.invitation, await lab.at(0).groupInfo());
  await lab.deliver(insider.commit);
  const groupInfo = await encodeGroupInfo(insider.state);
  const alter = (change: (info: GroupInfoTBS) => Partial<GroupInfoTBS>) =>
    alterGroupInfo(groupInfo, insider.own.keys.signKey, change);
  return { lab, groupInfo, alter };
}

function withTree(info: GroupInfoTBS, change: (tree: (Node | undefined)[]) => void) {
  const { groupContext } = info;
  const tree = ratchetTreeFromExtension({ ...info, groupContext, signature: new Uint8Array() });
  assert(tree);
  change(tree);
  const extensions = info.extensions.map((each) =>
    each.extensionType === "ratchet_tree"
      ? { ...each, extensionData: encodeRatchetTree(tree) }
      : each,
  );
  return { extensions };
}

suite("a newcomer refuses a GroupInfo", () => {
  test("of another room", async () => {
    const lab = await CallLab.of(1);
    await assertRefused(createInvitation(), await lab.at(0).groupInfo(), /of another room/);
  });

  test("of a group that somebody without the link made up", async () => {
    const invitation = createInvitation();
    const admissionKey = crypto.getRandomValues(new Uint8Array(32));
    const own = { suite: SUITE, participantId: randomId(), keys: await generateLeafKeys() };
    const { state } = await foundGroup(own, { ...invitation, admissionKey });
    await assertRefused(invitation, await encodeGroupInfo(state), /does not prove/);
  });

  test("that its signer did not sign", async () => {
    const { lab, groupInfo, alter } = await labWithSigner();
    await CallGroup.join({ invitation: lab.invitation, participantId: randomId() }, groupInfo);
    await assertRefused(
      lab.invitation,
      await alter(() => ({ signer: 0 })),
      /signature is not valid/,
    );
    await assertRefused(
      lab.invitation,
      await alter(() => ({ signer: 2 })),
      /signer is not a member/,
    );
    await assertRefused(
      lab.invitation,
      await alter(() => ({ signer: 2 ** 32 - 1 })),
      /signer is not a member/,
    );
    const { signKey } = await generateLeafKeys();
    const forged = await alterGroupInfo(groupInfo, signKey, () => ({}));
    await assertRefused(lab.invitation, forged, /signature is not valid/);
  });

  test("of a weaker suite, or with group extensions", async () => {
    const { lab, alter } = await labWithSigner();
    const weaker = await alter(({ groupContext }) => ({
      groupContext: {
        ...groupContext,
        cipherSuite: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
      },
    }));
    await assertRefused(lab.invitation, weaker, /another cipher suite/);
    const extended = await alter(({ groupContext }) => ({
      groupContext: {
        ...groupContext,
        extensions: [{ extensionType: 0xff00, extensionData: new Uint8Array() }],
      },
    }));
    await assertRefused(lab.invitation, extended, /has extensions/);
  });

  test("without the tree or the external key, or with more than them", async () => {
    const { lab, alter } = await labWithSigner();
    const cut = (kept: string) =>
      alter(({ extensions }) => ({
        extensions: extensions.filter(({ extensionType }) => extensionType === kept),
      }));
    await assertRefused(lab.invitation, await cut("ratchet_tree"), /one external key and one tree/);
    await assertRefused(lab.invitation, await cut("external_pub"), /one external key and one tree/);
    const more = { extensionType: 0xff00, extensionData: new Uint8Array() };
    const added = await alter(({ extensions }) => ({ extensions: [...extensions, more] }));
    await assertRefused(lab.invitation, added, /one external key and one tree/);
    const broken = await alter(({ extensions }) => ({
      extensions: extensions.map((each) => ({ ...each, extensionData: Uint8Array.of(1, 2, 3) })),
    }));
    await assertRefused(lab.invitation, broken, /tree is not well-formed/);
  });

  test("with a tree that is not the group's", async () => {
    const { lab, alter } = await labWithSigner();
    const changes: [RegExp, (tree: (Node | undefined)[]) => void][] = [
      // A ghost: the first leaf a second time.
      [/holds a key twice/, (tree) => tree.push(undefined, tree[0])],
      [
        /same participant id/,
        (tree) => {
          const leaf = tree[0];
          assert(leaf?.nodeType === "leaf");
          tree.push(undefined, {
            nodeType: "leaf",
            leaf: { ...leaf.leaf, hpkePublicKey: leaf.leaf.hpkePublicKey.with(0, 1) },
          });
        },
      ],
      // A parent with a member's key: what is sealed to all below it, that member would open alone.
      [
        /holds a key twice/,
        (tree) => {
          const [leaf, root] = [tree[0], tree[1]];
          assert(leaf?.nodeType === "leaf" && root?.nodeType === "parent");
          const { hpkePublicKey } = leaf.leaf;
          tree[1] = { nodeType: "parent", parent: { ...root.parent, hpkePublicKey } };
        },
      ],
      // A leaf in a parent's place.
      [/in the wrong place/, (tree) => (tree[1] = tree[0])],
      // The tree hash no longer fits.
      [/does not fit its hash/, (tree) => (tree[1] = undefined)],
      // An index far outside of the tree, at which the library would never end.
      [
        /unmerged leaves/,
        (tree) => {
          const root = tree[1];
          assert(root?.nodeType === "parent");
          const unmergedLeaves = [1_000];
          tree[1] = { nodeType: "parent", parent: { ...root.parent, unmergedLeaves } };
        },
      ],
      [
        /a key that is not one/,
        (tree) => {
          const root = tree[1];
          assert(root?.nodeType === "parent");
          const hpkePublicKey = Uint8Array.of(1);
          tree[1] = { nodeType: "parent", parent: { ...root.parent, hpkePublicKey } };
        },
      ],
      // Far more places than a call has.
      [
        /too many leaves/,
        (tree) => {
          const leaf = tree[0];
          while (tree.length < 4 * GROUP_LIMITS.members) tree.push(undefined);
          tree.push(leaf);
        },
      ],
    ];
    for (const [message, change] of changes) {
      await assertRefused(lab.invitation, await alter((info) => withTree(info, change)), message);
    }
  });

  test("that is too large, empty, or another message", async () => {
    const lab = await CallLab.of(2);
    await assertRefused(lab.invitation, new Uint8Array(), /no allowed size/);
    await assertRefused(
      lab.invitation,
      new Uint8Array(GROUP_LIMITS.groupInfoBytes + 1),
      /no allowed size/,
    );
    await assertRefused(
      lab.invitation,
      (await lab.at(0).prepareUpdate()).commit,
      /not an MLS GroupInfo/,
    );
    const groupInfo = await lab.at(0).groupInfo();
    await assertRefused(lab.invitation, Uint8Array.of(...groupInfo, 0), /not well-formed/);
    const { groupInfo: decoded } = decodeGroupInfo(SUITE, groupInfo);
    const again = { version: "mls10", wireformat: "mls_group_info", groupInfo: decoded } as const;
    assert.deepEqual(encodeMlsMessage(again), groupInfo);
  });

  test("of a group that is full, with a code of its own", async () => {
    const { lab, alter } = await labWithSigner();
    const full = await alter((info) =>
      withTree(info, (tree) => {
        const leaf = tree[0];
        assert(leaf?.nodeType === "leaf");
        while (tree.length < 2 * GROUP_LIMITS.members - 1) {
          tree.push(undefined, leafOf(lab.invitation, leaf.leaf));
        }
      }),
    );
    const { invitation } = lab;
    const entering = CallGroup.join({ invitation, participantId: randomId() }, full);
    await assert.rejects(entering, { code: "full" });
  });
});

/** One more member's leaf, such as nobody holds keys for. */
function leafOf(invitation: Invitation, template: LeafNode): Node {
  const signaturePublicKey = crypto.getRandomValues(new Uint8Array(32));
  // Small enough for ML-KEM's modulus.
  const hpkePublicKey = crypto
    .getRandomValues(new Uint8Array(template.hpkePublicKey.length))
    .map((byte) => byte & 0x77);
  const identity = encodeLeafIdentity(randomId(), signaturePublicKey, invitation);
  const credential = { credentialType: "basic", identity } as const;
  return {
    nodeType: "leaf",
    leaf: { ...template, signaturePublicKey, hpkePublicKey, credential },
  };
}
