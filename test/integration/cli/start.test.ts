import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "node:test";
import { parseInvitationLink } from "../../../src/e2ee/invitation/index.ts";
import { RunningService } from "../../support/running-service.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-start-"));
});
after(() => {
  rmSync(folder, { recursive: true });
});

/** What the service said when it could not start, and that nothing of it is left. */
async function refusal(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; said: string }> {
  const service = RunningService.spawn({ flags, environment });
  const { code } = await service.exit;
  for (const line of service.log.filter(({ msg }) => msg === "media worker started")) {
    assert.throws(() => process.kill(Number(line.pid), 0), "a media worker is left");
  }
  assert.equal(service.stdout, "");
  return { code, said: service.stderr };
}

describe("what keeps the service from starting is told with what mends it", () => {
  for (const [section, code] of [
    ["http", 1],
    ["admin", 1],
    ["turn", 1],
    ["sfu", 1],
  ] as const) {
    it(`${section}.port is taken`, async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const address = taken.address();
      assert.ok(typeof address === "object" && address !== null);
      const result = await refusal([`--${section}-port`, String(address.port)]);
      taken.close();
      assert.equal(result.code, code);
      assert.match(result.said, new RegExp(`${section}\\.port \\(--${section}-port \\d+\\)`));
      assert.doesNotMatch(result.said, /at .*\.ts:\d+/, "no stack for what an operator can mend");
    });
  }

  it("sfu.port is taken for UDP", async () => {
    const taken = createSocket("udp4").bind(0, "127.0.0.1");
    await once(taken, "listening");
    const result = await refusal(["--sfu-port", String(taken.address().port)]);
    taken.close();
    assert.match(result.said, /A media port .* is taken by another program: .*sfu\.port/);
  });

  it("an address is not this machine's", async () => {
    assert.match(
      (await refusal(["--http-host", "192.0.2.1"])).said,
      /no address 192\.0\.2\.1: set http\.host/,
    );
    assert.match((await refusal(["--sfu-addresses", "192.0.2.1"])).said, /sfu\.addresses/);
  });

  it("the media worker is missing", async () => {
    const { code, said } = await refusal([], { MEDIASOUP_WORKER_BIN: join(folder, "none") });
    assert.equal(code, 1);
    assert.match(said, /worker program can't be run from .*none: `npm start` gets or builds it/);
  });

  it("the page is not built", async () => {
    const { code, said } = await refusal(["--http-page-directory", folder]);
    assert.equal(code, 1);
    assert.match(said, /The call page is not built .*`npm start`/);
  });

  it("the certificate is not one", async () => {
    const file = join(folder, "not.pem");
    writeFileSync(file, "hello");
    const flags = ["--tls-certificate-file", file, "--tls-key-file", file];
    assert.match((await refusal(flags)).said, /not a certificate and its private key/);
    const missing = ["--tls-certificate-file", file, "--tls-key-file", join(folder, "none")];
    assert.match((await refusal(missing)).said, /tls\.keyFile: cannot read/);
  });

  it("the configuration is not understood, with exit code 2", async () => {
    const { code, said } = await refusal(["--http-prt", "1"], { APARTE_SFU_WORKER: "x" });
    assert.equal(code, 2);
    assert.match(said, /--http-prt: .* did you mean --http-port\?/);
    assert.match(said, /APARTE_SFU_WORKER: .* did you mean APARTE_SFU_WORKERS\?/);
  });
});

describe("aparte doctor", () => {
  const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
  const doctor = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "doctor", ...args], {
      encoding: "utf8",
      timeout: 20_000,
    });
    return { status, said: stdout + stderr };
  };

  it("tells whether the service that runs is ready", async () => {
    const service = await RunningService.start();
    const flags = ["--running", "--admin-port", new URL(service.adminOrigin).port];
    const ready = doctor(...flags);
    assert.equal(await service.stop(), 0);
    assert.deepEqual(ready, {
      status: 0,
      said: 'The service is ready: {"ok":true,"checks":{"service":"ok","sfu":"ok"}}\n',
    });
    const gone = doctor(...flags);
    assert.equal(gone.status, 1);
    assert.match(gone.said, /No service answers at 127\.0\.0\.1:\d+/);
  });

  it("tells whether the service would start", () => {
    writeFileSync(join(folder, "index.html"), "");
    const free = ["http", "admin", "sfu", "turn"].flatMap((name) => [`--${name}-port`, "0"]);
    const page = ["--http-page-directory", folder];
    const ready = doctor(...free, ...page);
    assert.equal(ready.status, 0, ready.said);
    assert.match(ready.said, /ok +service +The service starts as configured/);
    rmSync(join(folder, "index.html"));
    const failed = doctor(...free, ...page);
    assert.equal(failed.status, 1);
    assert.match(failed.said, /The call page is not built/);
    assert.equal(doctor("--nonsense").status, 2);
  });
});

describe("what the service says when it starts", () => {
  it("is an address to open, and a link to a room that only the terminal is told of", async () => {
    const service = await RunningService.start({ flags: ["--http-print-link", "always"] });
    const link = await service.until(() => /A room\s+(\S+)\n/.exec(service.stdout)?.[1], "link");
    assert.match(service.stdout, /Open {6}http:\/\/localhost:\d+\n/);
    const { secret } = parseInvitationLink(link);
    assert.equal(secret.length, 32);
    assert.ok(link.startsWith(service.origin.replace("127.0.0.1", "localhost")));
    assert.equal(await service.stop(), 0);
    assert.equal(service.stderr.includes(new URL(link).hash.slice(2, 12)), false);
  });

  it("has no link where it may be kept in a log", async () => {
    const service = await RunningService.start();
    await service.until(() => service.stdout.includes("Ctrl-C") || undefined, "greeting");
    assert.doesNotMatch(service.stdout, /#/);
    assert.equal(await service.stop(), 0);
  });

  it("takes the public address into the link", async () => {
    const flags = ["--http-public-url", "https://calls.example.org", "--http-print-link", "always"];
    const service = await RunningService.start({ flags });
    await service.until(
      () => service.stdout.includes("https://calls.example.org/#1") || undefined,
      "link",
    );
    const page = await fetch(`http://127.0.0.1:${await httpPort(service)}`);
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /connect-src 'self' wss:\/\/calls\.example\.org/,
    );
    assert.equal(page.headers.get("strict-transport-security"), "max-age=31536000");
    assert.equal(await service.stop(), 0);
  });

  it("comes within two seconds", async () => {
    const service = await RunningService.start();
    const { startMs } = await service.said("ready");
    assert.ok(Number(startMs) < 2_000, `${String(startMs)} ms`);
    assert.equal(await service.stop(), 0);
  });
});

it("only the role turn: a relay and the admin listener, no page", async () => {
  const service = await RunningService.start({
    flags: ["--roles", "turn", "--turn-allowed-peers", "192.0.2.0/24@40000-40063"],
    environment: { APARTE_TURN_SECRETS: "s".repeat(32) },
  });
  const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
  assert.match(figures, /^aparte_turn_up 1$/m);
  assert.doesNotMatch(figures, /aparte_sfu|aparte_signaling/);
  assert.doesNotMatch(service.stdout, /Open/);
  assert.equal(await service.stop(), 0);
});

async function httpPort(service: RunningService): Promise<number> {
  return Number((await service.said("ready")).httpPort);
}
