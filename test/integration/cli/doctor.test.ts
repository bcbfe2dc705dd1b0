import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../../src/server/index.ts";
import { TurnClient } from "../../../src/turn/client/turn-client.ts";
import { Authority } from "../../support/authority.ts";
import { CONNECTION_TEST_FRAGMENT } from "../../../src/web/state/app.ts";
import { freePort } from "../../support/free-port.ts";
import { RunningService } from "../../support/running-service.ts";
import { EngineLab } from "../../support/turn-engines.ts";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-doctor-"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Aparté</title>");
});
after(() => {
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly code: number | null;
  readonly text: string;
}

async function doctor(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const child = spawn(process.execPath, [main, "doctor", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(child, "close");
  return { code: child.exitCode, text };
}

interface Report {
  readonly ok: boolean;
  readonly target: string;
  readonly browserTest?: string;
  readonly findings: readonly Finding[];
}

function read({ text }: Said): Report {
  return JSON.parse(text);
}

/** The one finding about this, so far as it is asked for. */
function of(report: Report, check: string, region?: string): Finding {
  const found = report.findings.filter(
    (each) => each.check === check && (region === undefined || each.region === region),
  );
  assert.equal(found.length, 1, `${check}: ${JSON.stringify(found)}`);
  return found[0] ?? assert.fail();
}

function states({ findings }: Report, pattern: RegExp): Record<string, string> {
  const chosen = findings.filter(({ check }) => pattern.test(check));
  return Object.fromEntries(chosen.map(({ check, state }) => [check, state]));
}

describe("aparte doctor", () => {
  it("starts what is configured, tries it, and says what it found", async () => {
    const free = ["http", "admin", "sfu", "turn"].flatMap((name) => [`--${name}-port`, "0"]);
    const said = await doctor([...free, "--sfu-workers", "1", "--http-page-directory", folder]);
    assert.equal(said.code, 0, said.text);
    for (const check of ["node-version", "service", "signaling", "media.udp", "media.tcp"]) {
      assert.match(said.text, new RegExp(`\\n  ok +${check.replace(".", "\\.")} `), said.text);
    }
    assert.match(said.text, /ok +relay\.udp +.*10 of 10 packets came back/);
    assert.match(said.text, /WARNING +relay\.tls .*\n +→ Set turn\.tlsPort/);
    assert.match(said.text, /– +redis /);
    assert.match(said.text, /Calls work; \d+ to look at\./);
  });

  it("looks at the one that runs, and asks a STUN server how the machine looks", async (t) => {
    const admin = String(await freePort());
    const http = String(await freePort());
    const ports = ["--admin-port", admin, "--http-port", http];
    const service = await RunningService.start({ flags: ports });
    t.after(() => service.stop());
    const lab = await EngineLab.open(t, "builtin");
    const said = await doctor([
      "--json",
      ...ports,
      "--stun",
      `127.0.0.1:${lab.listener().port}`,
      "--sfu-addresses",
      "10.255.0.1=203.0.113.9",
    ]);
    const report = read(said);
    assert.equal(of(report, "service").text, "The service runs and is ready.");
    assert.equal(of(report, "signaling").state, "ok");
    assert.equal(of(report, "stun").state, "failed", "clients are not told of 127.0.0.1");
    assert.match(of(report, "stun").mend ?? "", /10\.255\.0\.1=127\.0\.0\.1/);
    assert.deepEqual([said.code, report.ok], [1, false]);
  });

  it("sees what a proxy in front holds back, and what others get without TLS", async (t) => {
    const free = ["http", "admin", "sfu", "turn"].flatMap((name) => [`--${name}-port`, "0"]);
    const flags = ["--json", ...free, "--sfu-workers", "1", "--http-page-directory", folder];
    // A proxy that passes the page on, and no WebSockets.
    const proxy = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end(),
    );
    t.after(() => proxy.close());
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    assert.ok(typeof address === "object" && address !== null);
    const url = `http://127.0.0.1:${address.port}`;
    const behind = read(
      await doctor([...flags, "--http-public-url", url, "--sfu-addresses", "127.0.0.1"]),
    );
    assert.match(of(behind, "signaling").mend ?? "", /pass WebSockets on/);
    assert.equal(of(behind, "media.udp").state, "ok", "seen past the proxy");
    assert.equal(of(behind, "relay.udp").state, "ok");
    const open = read(await doctor([...flags, "--http-host", "0.0.0.0"]));
    assert.equal(of(open, "secure-context").state, "warning");
  });

  it("finds nothing wrong with a whole deployment, TURN over TLS and all", async (t) => {
    const authority = await Authority.found();
    const root = join(folder, "root.pem");
    writeFileSync(root, authority.cert);
    const service = await startWithCertificate(await authority.issue({ names: ["127.0.0.1"] }));
    t.after(() => service.stop());
    // What stands behind the # is an invitation, and none of the doctor's business.
    const link = `${service.origin}/#1c2VjcmV0`;
    const trusting = read(await doctor(["--json", link], { NODE_EXTRA_CA_CERTS: root }));
    const doubting = await doctor(["--json", link]);
    assert.deepEqual(
      trusting.findings.filter(({ state }) => state !== "ok"),
      [],
    );
    assert.deepEqual(states(trusting, /^(?:media|relay)/), {
      "media.udp": "ok",
      "media.tcp": "ok",
      "relay.udp": "ok",
      "relay.tcp": "ok",
      "relay.tls": "ok",
    });
    assert.equal(trusting.browserTest, `${service.origin}/${CONNECTION_TEST_FRAGMENT}`);
    const untrusted = read(doubting);
    assert.equal(doubting.code, 1);
    assert.match(of(untrusted, "certificate").text, /its chain ends at nobody/);
    assert.match(of(untrusted, "relay.tls").text, /Browsers refuse the certificate/);
    assert.equal(of(untrusted, "relay.tcp").state, "ok", "the rest is looked at all the same");
    assert.ok(!doubting.text.includes("1c2VjcmV0"));
  });

  it("tells relays apart that forge, refuse, are full or are gone", async (t) => {
    const listeners = [{ protocol: "tcp" as const, address: "127.0.0.1", port: 0 }];
    const secrets = ["a-secret-that-signaling-shares-with-its-relays"];
    const labs = {
      forged: await EngineLab.open(t, "builtin", {
        listeners,
        secrets: ["a secret that signaling does not know of, long enough"],
      }),
      strict: await EngineLab.open(t, "builtin", {
        listeners,
        secrets,
        peers: { allowed: [], denied: [], others: "refuse" },
      }),
      full: await EngineLab.open(t, "builtin", { listeners, secrets, limits: { allocations: 1 } }),
    };
    const account = labs.full.credential("guest", 60_000, secrets[0]);
    const guest = await TurnClient.open(tcpTo(labs.full), account, 5_000);
    t.after(() => guest.leave());
    await guest.allocate();
    const gone = await freePort();
    const ports = Object.entries(labs).map(([name, lab]) => [name, lab.listener().port] as const);
    const edges = [...ports, ["gone", gone] as const].map(
      ([name, port]) => `${name} turn:127.0.0.1:${port}?transport=tcp`,
    );
    const service = await RunningService.start({
      flags: ["--turn-edges", edges.join(",")],
      environment: { APARTE_TURN_SECRETS: secrets.join(",") },
    });
    t.after(() => service.stop());
    const said = await doctor(["--json", service.origin]);
    const report = read(said);
    const mendOf = (region: string) => {
      const finding = report.findings.find((each) => each.region === region);
      assert.equal(finding?.state, "failed", JSON.stringify(report.findings));
      return finding?.mend;
    };
    assert.match(mendOf("forged") ?? "", /the same turn\.secretsFile/);
    assert.match(mendOf("strict") ?? "", /turn\.allowedPeers/);
    assert.match(mendOf("full") ?? "", /turn\.allocations/);
    assert.match(mendOf("gone") ?? "", new RegExp(`Open TCP port ${gone}`));
    assert.equal(of(report, "relay.udp", "home").state, "ok");
  });

  it("says that nobody is there, or that something else is", async () => {
    const nobody = await doctor(["--json", `http://127.0.0.1:${await freePort()}`]);
    assert.equal(nobody.code, 1);
    assert.match(of(read(nobody), "page").text, /Nothing answers .* \(ECONNREFUSED\)/);
    const other = createServer((_request, response) => response.writeHead(404).end());
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    assert.ok(typeof address === "object" && address !== null);
    const { code, text } = await doctor([`http://127.0.0.1:${address.port}`]);
    other.close();
    assert.equal(code, 1);
    assert.match(text, /FAILED +page +What .* answers is not the call page \(404\)/);
    assert.match(text, /FAILED +signaling +.*\n +→ Let the proxy in front pass WebSockets on/);
  });

  it("is told apart from what it does not understand", async () => {
    assert.equal((await doctor(["--nonsense"])).code, 2);
    assert.equal((await doctor(["https://"])).code, 2);
    assert.equal((await doctor(["--stun"])).code, 2);
    assert.match((await doctor(["localhost", "--http-port", "1"])).text, /only flag is --json/);
  });
});

function tcpTo(lab: EngineLab) {
  const { address, port } = lab.listener();
  return { transport: "tcp" as const, host: address, port };
}

async function startWithCertificate({ cert, key }: { cert: string; key: string }) {
  const files = ["--tls-certificate-file", "--tls-key-file"].map((flag, index) => {
    const file = join(folder, `${flag.slice(2)}.pem`);
    writeFileSync(file, [cert, key][index] ?? "", { mode: 0o600 });
    return [flag, file];
  });
  const tlsPort = String(await freePort());
  return RunningService.start({ flags: [...files.flat(), "--turn-tls-port", tlsPort] });
}
