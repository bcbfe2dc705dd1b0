import { createHash, randomBytes } from "node:crypto";
import { attribute, messageClass } from "../../src/turn/wire/stun.ts";
import { StunWriter } from "../../src/turn/wire/stun-writer.ts";

export interface Credential {
  readonly username: string;
  readonly password: string;
}

export interface Seal {
  readonly credential: Credential;
  readonly realm: string;
  readonly nonce: string;
}

export interface TurnRequest {
  readonly method: number;
  readonly build?: (writer: StunWriter) => void;
  /** Without one the request proves nothing. */
  readonly seal?: Seal | undefined;
  readonly transactionId?: Buffer;
}

/** The bytes of a request, with FINGERPRINT. */
export function turnRequest({ method, build, seal, transactionId }: TurnRequest): Buffer {
  const buffer = Buffer.alloc(4_000);
  const id = transactionId ?? randomBytes(12);
  const writer = new StunWriter().begin(buffer, method, messageClass.request, id, 0);
  build?.(writer);
  if (seal !== undefined) addSeal(writer, seal);
  return buffer.subarray(0, writer.fingerprint().length);
}

function addSeal(writer: StunWriter, { credential, realm, nonce }: Seal): void {
  const { username, password } = credential;
  writer
    .text(attribute.username, username)
    .text(attribute.realm, realm)
    .text(attribute.nonce, nonce)
    .integrity(createHash("md5").update(`${username}:${realm}:${password}`).digest());
}
