import type { Invitation } from "../invitation/invitation.ts";
import type { CipherSuite } from "./mls/cipher-suite.ts";
import type { LeafKeys } from "./mls/own-leaf.ts";

export interface CallGroupOptions {
  readonly invitation: Invitation;
  /** 16 random bytes in base64url; one id stands for one signature key as long as it is a member. */
  readonly participantId: string;
  /**
   * Signature keys of an earlier attempt to enter, which may have succeeded without a word: with
   * the same ones the own leaf is replaced, with others its id would be taken.
   */
  readonly keys?: LeafKeys | undefined;
  /** @internal Another suite than the one that the link asks for. */
  readonly suite?: CipherSuite;
}
