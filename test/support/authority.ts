import { generate } from "selfsigned";

const day = 86_400_000;

export interface Issued {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  readonly names: readonly string[];
  /** From now; negative for one that has expired. */
  readonly days?: number;
}

/** An authority of a test's own, whom nobody trusts by itself. */
export class Authority {
  readonly cert: string;
  readonly #key: string;

  private constructor(cert: string, key: string) {
    this.cert = cert;
    this.#key = key;
  }

  static async found(): Promise<Authority> {
    const made = await generate([{ name: "commonName", value: "An authority for tests" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, critical: true },
      ],
    });
    return new Authority(`${made.cert.trim()}\n`, made.private);
  }

  async issue({ names, days = 90 }: Wish): Promise<Issued> {
    const now = Date.now();
    const made = await generate([{ name: "commonName", value: names[0] ?? "nobody" }], {
      keyType: "ec",
      algorithm: "sha256",
      notBeforeDate: new Date(now - 400 * day),
      notAfterDate: new Date(now + days * day),
      extensions: [
        { name: "basicConstraints", cA: false },
        { name: "subjectAltName", altNames: names.map(altName) },
      ],
      ca: { key: this.#key, cert: this.cert },
    });
    return { cert: `${made.cert.trim()}\n`, key: made.private };
  }
}

function altName(name: string) {
  return /^[\d.]+$|:/.test(name)
    ? { type: 7 as const, ip: name }
    : { type: 2 as const, value: name };
}
