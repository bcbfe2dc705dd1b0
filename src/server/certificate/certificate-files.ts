import { readFile } from "node:fs/promises";
import { StartError } from "../start-error.ts";
import { type Certificate, toCertificate } from "./certificate.ts";

/** Throws `StartError` when a file can't be read or holds something else. */
export async function readCertificateFiles(
  certificateFile: string,
  keyFile: string,
): Promise<Certificate> {
  const [certificatePem, keyPem] = await Promise.all([
    readPem(certificateFile, "tls.certificateFile"),
    readPem(keyFile, "tls.keyFile"),
  ]);
  return toCertificate(certificatePem, keyPem, "tls.certificateFile and tls.keyFile");
}

async function readPem(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new StartError("certificate-unusable", `${setting}: cannot read ${path}.`, {
      cause: error,
    });
  }
}
