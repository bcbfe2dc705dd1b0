import type { types } from "mediasoup";
import type { DtlsParameters } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";

/** Strongest first, with the length of each hash in bytes. */
const HASHES = [
  ["sha-512", 64],
  ["sha-384", 48],
  ["sha-256", 32],
] as const;

/**
 * The client's DTLS parameters with the one fingerprint that is checked: the worker would take
 * the first of the list, and compares with colons and upper case (RFC 8122 section 5). SHA-1 and
 * SHA-224 alone are refused with `transport-refused`, and so is what is no fingerprint.
 */
export function remoteDtlsParameters(given: DtlsParameters): types.DtlsParameters {
  for (const [algorithm, length] of HASHES) {
    const fingerprint = given.fingerprints.find((candidate) => candidate.algorithm === algorithm);
    if (fingerprint === undefined) continue;
    const value = fingerprint.value.toUpperCase();
    const octets = value.split(":");
    if (octets.length !== length || !octets.every((octet) => /^[0-9A-F]{2}$/.test(octet))) {
      throw new ProtocolError("transport-refused", "fingerprints.value");
    }
    const role = given.role === undefined ? {} : { role: given.role };
    return { ...role, fingerprints: [{ algorithm, value }] };
  }
  throw new ProtocolError("transport-refused", "fingerprints.algorithm");
}
