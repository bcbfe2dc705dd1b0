import type { Invitation } from "../invitation/invitation.ts";
import type { CallGroupOptions } from "./call-group-options.ts";
import { CallGroup } from "./call-group.ts";
import { makeKeyPackage } from "./mls/key-package.ts";
import type { KeyPackageSecrets } from "./mls/key-package.ts";
import type { Owner } from "./transitions.ts";
import { acceptWelcome, ownerOf } from "./transitions.ts";

/**
 * Somebody who asks to be let in by a member, with others by the same commit. The KeyPackage serves
 * once and for a few minutes.
 */
export class Newcomer {
  /** For the delivery service to hand to a member. */
  readonly keyPackage: Uint8Array;
  readonly #owner: Owner;
  readonly #invitation: Invitation;
  readonly #secrets: KeyPackageSecrets;
  #isUsed = false;

  private constructor(
    owner: Owner,
    invitation: Invitation,
    keyPackage: Uint8Array,
    secrets: KeyPackageSecrets,
  ) {
    this.#owner = owner;
    this.#invitation = invitation;
    this.keyPackage = keyPackage;
    this.#secrets = secrets;
  }

  /** `nowMs` is the time of day. */
  static async create(options: CallGroupOptions, nowMs: number): Promise<Newcomer> {
    return Newcomer.#make(await ownerOf(options), options.invitation, nowMs);
  }

  /** A member that cannot make up for what it missed and comes again with the same signature key. */
  static returning(group: CallGroup, nowMs: number): Promise<Newcomer> {
    return Newcomer.#make(group.ownerCopy(), group.invitation, nowMs);
  }

  static async #make(owner: Owner, invitation: Invitation, nowMs: number): Promise<Newcomer> {
    const { encoded, secrets } = await makeKeyPackage({ ...owner, admission: invitation }, nowMs);
    return new Newcomer(owner, invitation, encoded, secrets);
  }

  /**
   * Enters by the Welcome of a member, which opens once. Throws `GroupError`: `refused`, `link-void`;
   * after either the KeyPackage still serves.
   */
  async enter(welcome: Uint8Array): Promise<CallGroup> {
    if (this.#isUsed) throw new RangeError("a KeyPackage serves once");
    const standing = await acceptWelcome(this.#owner, this.#invitation, welcome, this.#secrets);
    this.#isUsed = true;
    this.#secrets.initKey.fill(0);
    return new CallGroup(this.#owner, standing);
  }

  /** Overwrites all secrets, unless they became a group's. */
  close(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    const { initKey, leafKey } = this.#secrets;
    for (const secret of [initKey, leafKey, this.#owner.keys.signKey]) secret.fill(0);
  }
}
