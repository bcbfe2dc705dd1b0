import { join } from "node:path";

/**
 * @typedef {object} Patch
 * @property {string} file relative to the package's folder `worker`
 * @property {string} from occurs exactly once
 * @property {string} to
 */

/**
 * DtlsTransport's BIO callback compares the operation with BIO_CB_RETURN, which
 * is one bit of a mask, so it answers 1 to every BIO_ctrl(). An OpenSSL that
 * knows kernel TLS, as Debian's does, takes that for "the kernel does the
 * sending", allocates no write buffer, and crashes at the first DTLS handshake.
 *
 * @type {readonly Patch[]}
 */
export const patches = [
  {
    file: join("src", "RTC", "DtlsTransport.cpp"),
    from: "(operationType == BIO_CB_RETURN)",
    to: "(operationType & BIO_CB_RETURN)",
  },
];

/**
 * @param {Patch} patch
 * @param {string} source
 * @throws {Error} if the source isn't the one that the patch was made for
 */
export function applyPatch(patch, source) {
  const parts = source.split(patch.from);
  if (parts.length !== 2) {
    throw new Error(`${patch.file} has ${parts.length - 1} places to patch where 1 was expected`);
  }
  return parts.join(patch.to);
}
