import assert from "node:assert/strict";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import type { Changes, MemberCommit } from "../../../../src/e2ee/group/mls/commit.ts";
import { applyCommit, makeCommit, NO_CHANGES } from "../../../../src/e2ee/group/mls/commit.ts";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import type { OwnLeaf } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { enterGroup, foundGroup } from "../../../../src/e2ee/group/transitions.ts";
import { randomId } from "./call-lab.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";

export async function newOwner(admission: Invitation): Promise<OwnLeaf> {
  const suite = suiteOf(admission);
  return { suite, participantId: randomId(), keys: await suite.signature.keygen(), admission };
}

const owners = new WeakMap<Uint8Array, OwnLeaf>();

/** Lets `commitOf` find who holds a state. */
export function knowOwner(owner: OwnLeaf): OwnLeaf {
  owners.set(owner.keys.signKey, owner);
  return owner;
}

/** States of the members of a group, below the checks of a `CallGroup`. */
export async function statesOf(size: number, invitation = createInvitation()): Promise<MlsState[]> {
  const founder = knowOwner(await newOwner(invitation));
  let states = [(await foundGroup(founder, invitation)).state];
  while (states.length < size) {
    const [first] = states;
    assert(first);
    const owner = knowOwner(await newOwner(invitation));
    const { commit, next } = await enterGroup(owner, invitation, await encodeGroupInfo(first));
    states = [...(await follow(states, commit)), next.state];
  }
  return states;
}

export function commitOf(state: MlsState, changes: Partial<Changes> = {}): Promise<MemberCommit> {
  const owner = owners.get(state.signaturePrivateKey);
  assert(owner);
  return makeCommit(state, owner, { ...NO_CHANGES, ...changes });
}

export function removalBy(state: MlsState, ...removedLeaves: number[]): Promise<MemberCommit> {
  return commitOf(state, { removedLeaves });
}

export function followOne(state: MlsState, commit: Uint8Array): Promise<MlsState> {
  return applyCommit(state, decodeCommit(state.suite, commit));
}

export function follow(states: readonly MlsState[], commit: Uint8Array): Promise<MlsState[]> {
  return Promise.all(states.map((state) => followOne(state, commit)));
}
