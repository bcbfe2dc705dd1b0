import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { isIP } from "node:net";
import type { Config } from "../../config/index.ts";
import { readCertificateFiles } from "../certificate/certificate-files.ts";
import { StartError } from "../start-error.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";

const check = "certificate-files";
const dayMs = 86_400_000;
const soonDays = 14;
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The files that the configuration names: key, names, expiry, chain. Says what is wrong first. */
export async function checkConfiguredCertificate(config: Config, nowMs: number): Promise<Finding> {
  const { certificateFile, keyFile, development } = config.tls;
  if (certificateFile === undefined || keyFile === undefined) return withoutFiles(development);
  try {
    const { certificatePem } = await readCertificateFiles(certificateFile, keyFile);
    return judge(chainIn(certificatePem), namesOf(config), nowMs);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return failed(
      check,
      error.message,
      "Put a certificate with its chain and the private key that belongs to it, both PEM, into tls.certificateFile and tls.keyFile.",
    );
  }
}

function withoutFiles(development: boolean): Finding {
  if (!development) {
    return skipped(check, "No certificate is configured: a proxy in front has it, or nobody.");
  }
  return warning(
    check,
    "The certificate is for development: every browser warns of it.",
    "Set tls.certificateFile and tls.keyFile to one that an authority has signed.",
  );
}

function judge(
  chain: readonly X509Certificate[],
  names: readonly string[],
  nowMs: number,
): Finding {
  const [leaf] = chain;
  if (leaf === undefined) {
    return failed(check, "The file holds no certificate.", "Put the certificate in, as PEM.");
  }
  const until = leaf.validToDate.toISOString().slice(0, 10);
  const daysLeft = Math.floor((leaf.validToDate.getTime() - nowMs) / dayMs);
  if (daysLeft < 0) {
    return failed(check, `The certificate expired on ${until}.`, "Renew it, and send SIGHUP.");
  }
  const missing = names.filter((name) => !covers(leaf, name));
  if (missing.length > 0) {
    return failed(
      check,
      `The certificate is not for ${missing.join(" and ")}.`,
      `Get one that names ${names.join(" and ")}.`,
    );
  }
  const broken = gapIn(chain);
  if (broken !== undefined) return broken;
  if (daysLeft < soonDays) {
    return warning(
      check,
      `The certificate expires in ${daysLeft} days.`,
      "Renew it, and send the service SIGHUP.",
    );
  }
  return ok(check, `Certificate, key and chain belong together, until ${until}.`);
}

/** Each is to be signed by the next, and the last by a root that Node knows, as Mozilla does. */
function gapIn(chain: readonly X509Certificate[]): Finding | undefined {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (next !== undefined && !isSignedBy(certificate, next)) {
      return failed(
        check,
        `In the chain, certificate ${index + 1} is not signed by the one behind it.`,
        "Put the chain into the order in which each is signed by the next (fullchain.pem).",
      );
    }
  }
  const last = chain.at(-1);
  if (last === undefined || isRooted(last)) return undefined;
  const isAlone = isSignedBy(last, last);
  return warning(
    check,
    isAlone
      ? "The chain ends at a root that browsers don't know."
      : "The chain is not complete: the certificate of who signed is missing.",
    isAlone
      ? "Use a certificate of an authority that browsers know, or install the root on every device."
      : "Put the certificates between yours and the root behind it (fullchain.pem).",
  );
}

function isRooted(certificate: X509Certificate): boolean {
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === certificate.fingerprint256 || isSignedBy(certificate, root);
  });
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function chainIn(pem: string): X509Certificate[] {
  return [...pem.matchAll(pemBlock)].map(([block]) => new X509Certificate(block));
}

/** By which browsers reach what serves this certificate. */
function namesOf({ http, turn }: Config): string[] {
  const names: string[] = [];
  if (http.publicUrl !== undefined && http.trustedProxies === 0) {
    names.push(new URL(http.publicUrl).hostname.replace(/^\[(.*)\]$/, "$1"));
  }
  if (turn.tlsPort !== undefined && turn.publicHost !== undefined) names.push(turn.publicHost);
  return [...new Set(names)];
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
