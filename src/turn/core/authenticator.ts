import type { TurnOptions } from "../turn-options.ts";
import type { Clock } from "../../lib/clock.ts";
import { integrityHolds } from "../wire/integrity.ts";
import { attribute } from "../wire/stun.ts";
import type { StunReader } from "../wire/stun-reader.ts";
import type { ClientLink } from "./client-link.ts";
import type { Identity } from "./credential-verifier.ts";
import { CredentialVerifier } from "./credential-verifier.ts";
import { Nonces } from "./nonces.ts";
import type { Refusal } from "./reply.ts";
import { refusal } from "./reply.ts";

/** What nonces are bound to. */
export type ClientPath = Pick<ClientLink, "path">;

export type Authentication = { readonly ok: true; readonly identity: Identity } | Refusal;

/** The long-term credential mechanism (RFC 8489 section 9.2.4). Stores nothing. */
export class Authenticator {
  readonly #realm: string;
  readonly #nonces: Nonces;
  readonly #verifier: CredentialVerifier;

  constructor(options: TurnOptions, clock: Clock) {
    this.#realm = options.realm;
    this.#nonces = new Nonces(options.limits.nonceLifetimeMs, clock);
    this.#verifier = new CredentialVerifier(options.realm, options.secrets, clock);
  }

  useSecrets(secrets: readonly string[]): void {
    this.#verifier.useSecrets(secrets);
  }

  /**
   * `known` is who made the allocation on this link: that credential goes on to be good for it
   * after it has expired, so that a call outlives it. The nonce is checked before the credential:
   * one MAC sends away all whose address is forged.
   */
  check(message: StunReader, link: ClientPath, known: Identity | undefined): Authentication {
    if (!message.has(attribute.messageIntegrity)) return this.#challenge(link, 401, "challenge");
    const username = message.text(attribute.username);
    const realm = message.text(attribute.realm);
    const nonce = message.text(attribute.nonce);
    if (username === undefined || realm === undefined || nonce === undefined) {
      return refusal(400, "bad-request");
    }
    if (!this.#nonces.valid(nonce, link.path)) return this.#challenge(link, 438, "stale-nonce");
    if (realm !== this.#realm) return this.#challenge(link, 401, "bad-credential");
    const proves = (key: Buffer) =>
      integrityHolds(message.buffer, message.start, message.at(attribute.messageIntegrity), key);
    if (known?.username === username && proves(known.key)) return { ok: true, identity: known };
    const verified = this.#verifier.verify(username, proves);
    if (verified === "unknown") return this.#challenge(link, 401, "bad-credential");
    if (verified === "expired") return this.#challenge(link, 401, "expired-credential");
    return { ok: true, identity: verified };
  }

  #challenge(
    link: ClientPath,
    code: 401 | 438,
    reason: "challenge" | "bad-credential" | "expired-credential" | "stale-nonce",
  ): Refusal {
    return refusal(code, reason, (writer) => {
      writer.text(attribute.realm, this.#realm);
      writer.text(attribute.nonce, this.#nonces.issue(link.path));
    });
  }
}
