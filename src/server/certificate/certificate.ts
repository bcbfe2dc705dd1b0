import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { Secret } from "../../config/index.ts";
import { StartError } from "../start-error.ts";

/** A certificate with its chain, and its key: both PEM. */
export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: Secret;
  /** SHA-256 in pairs of hexadecimal digits with colons, as browsers show it. */
  readonly fingerprint: string;
  readonly expiresAtMs: number;
}

/** Throws `StartError` when the two don't belong together or aren't PEM. `origin` names them. */
export function toCertificate(certificatePem: string, keyPem: string, origin: string): Certificate {
  try {
    createSecureContext({ cert: certificatePem, key: keyPem });
    const leaf = new X509Certificate(certificatePem);
    return {
      certificatePem,
      keyPem: new Secret(keyPem),
      fingerprint: leaf.fingerprint256,
      expiresAtMs: leaf.validToDate.getTime(),
    };
  } catch (error) {
    throw new StartError(
      "certificate-unusable",
      `${origin}: not a certificate and its private key in PEM.`,
      { cause: error },
    );
  }
}
