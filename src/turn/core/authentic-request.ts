import type { StunReader } from "../wire/stun-reader.ts";
import type { Allocation } from "./allocation.ts";
import type { ClientLink } from "./client-link.ts";
import type { Identity } from "./credential-verifier.ts";

/** A request whose sender has proven a credential. */
export interface AuthenticRequest {
  readonly message: StunReader;
  readonly link: ClientLink;
  readonly identity: Identity;
  /** That of the link, whoever made it. */
  readonly allocation: Allocation | undefined;
}
