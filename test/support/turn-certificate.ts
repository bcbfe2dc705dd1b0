import { generate } from "selfsigned";

/** A certificate for loopback that nobody trusts. */
export async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const pems = await generate([{ name: "commonName", value: "turn.test" }], { keyType: "ec" });
  return { cert: pems.cert, key: pems.private };
}
