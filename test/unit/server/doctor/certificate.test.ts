import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadConfig } from "../../../../src/config/index.ts";
import { checkConfiguredCertificate } from "../../../../src/server/doctor/configured-certificate-check.ts";
import { Authority, type Issued } from "../../../support/authority.ts";

let folder = "";
let authority: Authority;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "aparte-certificates-"));
  authority = await Authority.found();
});
after(() => {
  rmSync(folder, { recursive: true });
});

function judged({ cert, key }: Issued, ...flags: string[]) {
  const [certificateFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(certificateFile, cert);
  writeFileSync(keyFile, key);
  const named = ["--tls-certificate-file", certificateFile, "--tls-key-file", keyFile];
  const config = loadConfig({
    flags: [...named, "--http-public-url", "https://calls.example.org", ...flags],
    environment: {},
    workingDirectory: folder,
  });
  return checkConfiguredCertificate(config, Date.now());
}

const names = ["calls.example.org"];

test("a chain to a root that nobody knows is complete, but of no use to browsers", async () => {
  const { cert, key } = await authority.issue({ names });
  const { state, text } = await judged({ cert: cert + authority.cert, key });
  assert.equal(state, "warning");
  assert.match(text, /a root that browsers don't know/);
});

test("a certificate without that of who signed it", async () => {
  const { state, text, mend } = await judged(await authority.issue({ names }));
  assert.equal(state, "warning");
  assert.match(text, /not complete/);
  assert.match(mend ?? "", /fullchain/);
});

test("a chain in the wrong order, or of others", async () => {
  const { cert, key } = await authority.issue({ names });
  const other = await Authority.found();
  const { state, text } = await judged({ cert: cert + other.cert, key });
  assert.equal(state, "failed");
  assert.match(text, /certificate 1 is not signed by the one behind it/);
});

test("one that has expired", async () => {
  const { state, text } = await judged(await authority.issue({ names, days: -2 }));
  assert.equal(state, "failed");
  assert.match(text, /expired on \d{4}-\d\d-\d\d/);
});

test("one for other names, the relay's among them", async () => {
  const other = await judged(await authority.issue({ names: ["other.example.org"] }));
  assert.equal(other.state, "failed");
  assert.match(other.text, /not for calls\.example\.org/);
  const relay = ["--turn-tls-port", "5349", "--turn-public-host", "turn.example.org"];
  const half = await judged(await authority.issue({ names }), ...relay);
  assert.match(half.text, /not for turn\.example\.org/);
  const proxied = await judged(
    await authority.issue({ names: ["inside.example.org"] }),
    "--http-trusted-proxies",
    "1",
  );
  assert.notEqual(proxied.state, "failed", "behind a proxy nobody sees it by that name");
});

test("a key of another certificate, and none at all", async () => {
  const [one, two] = [await authority.issue({ names }), await authority.issue({ names })];
  const mixed = await judged({ cert: one.cert, key: two.key });
  assert.equal(mixed.state, "failed");
  assert.match(mixed.text, /not a certificate and its private key/);
  const without = loadConfig({ flags: [], environment: {}, workingDirectory: folder });
  assert.equal((await checkConfiguredCertificate(without, Date.now())).state, "skipped");
  const own = loadConfig({
    flags: ["--tls-development"],
    environment: {},
    workingDirectory: folder,
  });
  assert.equal((await checkConfiguredCertificate(own, Date.now())).state, "warning");
});
