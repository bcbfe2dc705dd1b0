import type { GroupMember } from "../../e2ee/group/index.ts";
import type { IdentityKey, SafetyParty } from "../../e2ee/verification/index.ts";
import { proveIdentity, safetyNumber, verifyIdentity } from "../../e2ee/verification/index.ts";
import { fromBase64Url, toBase64Url } from "../../lib/base64url.ts";
import { Emitter } from "../../lib/emitter.ts";
import type { ParticipantId, RoomId } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { ProfileMessage } from "../group/call-messages.ts";

/** By which key somebody can be verified. */
export interface ParticipantIdentity {
  /** Ed25519 public key, 32 bytes in base64url. */
  readonly key: string;
  /** Whether their device keeps the key between calls. Otherwise it is of this stay only. */
  readonly kept: boolean;
}

export interface IdentitiesEvents {
  "identities:changed": undefined;
}

export interface IdentitiesOptions {
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
  readonly device: IdentityKey | undefined;
}

/**
 * Who shows which identity. It travels inside of the encryption, apart from the leaf's signature
 * key, which is new in each call: so a server cannot tell that two calls have somebody in common.
 */
export class Identities {
  readonly events = new Emitter<IdentitiesEvents>();
  readonly #options: IdentitiesOptions;
  readonly #identities = new Map<ParticipantId, ParticipantIdentity>();
  readonly #numbers = new Map<string, Promise<string>>();
  #members: ReadonlyMap<ParticipantId, Uint8Array> = new Map();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** Null as long as somebody has not said whether they have one. */
  of(participantId: ParticipantId): ParticipantIdentity | null {
    if (participantId === this.#options.participantId) return this.#own();
    return this.#identities.get(participantId) ?? null;
  }

  membersChanged(members: readonly GroupMember[]): void {
    const before = this.#members;
    this.#members = new Map(members.map((each) => [each.participantId, each.signatureKey]));
    for (const id of this.#identities.keys()) {
      // Somebody who came back with another leaf has yet to prove who they are.
      const [leaf, now] = [before.get(id), this.#members.get(id)];
      if (leaf === undefined || now === undefined || toBase64Url(leaf) !== toBase64Url(now)) {
        this.#identities.delete(id);
      }
    }
  }

  /** What the own profile says; undefined without an identity, or before the group is entered. */
  async prove(): Promise<ProfileMessage["identity"]> {
    const { roomId, participantId, device } = this.#options;
    const signatureKey = this.#members.get(participantId);
    if (device === undefined || signatureKey === undefined) return undefined;
    const proof = await proveIdentity(device, { roomId, participantId, signatureKey });
    return { key: toBase64Url(device.publicKey), proof: toBase64Url(proof) };
  }

  /** What is shown first counts for the whole stay; what does not hold counts as nothing shown. */
  async onProfile(participantId: ParticipantId, profile: ProfileMessage): Promise<void> {
    const signatureKey = this.#members.get(participantId);
    if (signatureKey === undefined || this.#identities.has(participantId)) return;
    const kept = await this.#isProven(participantId, signatureKey, profile.identity);
    if (this.#identities.has(participantId) || !this.#members.has(participantId)) return;
    const key = kept ? profile.identity?.key : undefined;
    const identity = { key: key ?? toBase64Url(signatureKey), kept: key !== undefined };
    this.#identities.set(participantId, identity);
    this.events.emit("identities:changed", undefined);
  }

  /** The number of this pair: 45 digits. Rejects with `CallError` (`not-there`). */
  async numberWith(participantId: ParticipantId): Promise<string> {
    const [own, other] = [this.#own(), this.#identities.get(participantId)];
    if (own === null || other === undefined) throw new CallError("not-there");
    const pair = `${own.key} ${participantId} ${other.key}`;
    const number =
      this.#numbers.get(pair) ??
      safetyNumber(partyOf(this.#options.participantId, own), partyOf(participantId, other));
    this.#numbers.set(pair, number);
    return number;
  }

  close(): void {
    this.events.removeAllListeners();
    this.#numbers.clear();
  }

  #own(): ParticipantIdentity | null {
    const { device, participantId } = this.#options;
    const key = device?.publicKey ?? this.#members.get(participantId);
    return key === undefined ? null : { key: toBase64Url(key), kept: device !== undefined };
  }

  async #isProven(
    participantId: ParticipantId,
    signatureKey: Uint8Array,
    shown: ProfileMessage["identity"],
  ): Promise<boolean> {
    const [key, proof] = [fromBase64Url(shown?.key ?? ""), fromBase64Url(shown?.proof ?? "")];
    if (key === undefined || proof === undefined || shown === undefined) return false;
    const { roomId } = this.#options;
    return verifyIdentity(key, proof, { roomId, participantId, signatureKey });
  }
}

/** A kept key stands for itself, so that the number stays the same from call to call. */
function partyOf(participantId: ParticipantId, { key, kept }: ParticipantIdentity): SafetyParty {
  const [signatureKey, id] = [fromBase64Url(key), kept ? undefined : fromBase64Url(participantId)];
  return { signatureKey: signatureKey ?? new Uint8Array(), id: id ?? new Uint8Array() };
}
