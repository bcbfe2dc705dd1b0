import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isIP } from "node:net";
import { StartError } from "../start-error.ts";
import { type Certificate, toCertificate } from "./certificate.ts";

const DAY_MS = 86_400_000;
/** Safari takes no longer one, also when it is installed by hand. */
const LIFE_MS = 397 * DAY_MS;
const RENEWAL_MS = 30 * DAY_MS;
const CERTIFICATE_FILE = "development-certificate.pem";
const KEY_FILE = "development-key.pem";

/**
 * A self-signed certificate for this machine's names and the given addresses, kept in `directory`
 * so that a browser that has been told to trust it goes on to do so. It is made anew when it is
 * about to expire, or when the machine has an address that it doesn't name.
 */
export async function developmentCertificate(
  directory: string,
  addresses: readonly string[],
  nowMs: number,
): Promise<Certificate> {
  const names = [...new Set(["localhost", hostname(), "127.0.0.1", "::1", ...addresses])];
  const kept = await readKept(directory);
  if (kept !== undefined && isGood(kept, names, nowMs)) return kept;
  const made = await makeCertificate(names, nowMs);
  await keep(directory, made);
  return made;
}

async function readKept(directory: string): Promise<Certificate | undefined> {
  try {
    const [certificatePem, keyPem] = await Promise.all([
      readFile(join(directory, CERTIFICATE_FILE), "utf8"),
      readFile(join(directory, KEY_FILE), "utf8"),
    ]);
    return toCertificate(certificatePem, keyPem, directory);
  } catch {
    // Not there, or not usable: a new one takes its place.
    return undefined;
  }
}

function isGood(certificate: Certificate, names: readonly string[], nowMs: number): boolean {
  if (certificate.expiresAtMs < nowMs + RENEWAL_MS) return false;
  const leaf = new X509Certificate(certificate.certificatePem);
  return names.every((name) =>
    isIP(name) === 0 ? leaf.checkHost(name) !== undefined : leaf.checkIP(name) !== undefined,
  );
}

async function makeCertificate(names: readonly string[], nowMs: number): Promise<Certificate> {
  // Loaded only here: it takes a fifth of a second, which other starts need not wait for.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: "Aparté development" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs - DAY_MS + LIFE_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  });
  return toCertificate(made.cert, made.private, "the new development certificate");
}

async function keep(directory: string, { certificatePem, keyPem }: Certificate): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // The key first: a certificate without its key would be of no use.
    await replaceFile(join(directory, KEY_FILE), keyPem.reveal());
    await replaceFile(join(directory, CERTIFICATE_FILE), certificatePem);
  } catch (error) {
    throw new StartError(
      "certificate-unusable",
      `tls.developmentDirectory: cannot write to ${directory}.`,
      { cause: error },
    );
  }
}

/** Whole or not at all, and for the owner's eyes only. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
