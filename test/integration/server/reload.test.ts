import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { systemClock } from "../../../src/lib/clock.ts";
import type { IceServer } from "../../../src/protocol/index.ts";
import { issueCredential, passwordOf } from "../../../src/turn/credentials.ts";
import { ProtocolClient } from "../../support/protocol-client.ts";
import { RunningService } from "../../support/running-service.ts";
import { TurnClient } from "../../support/turn-client.ts";

const OLD = "old-".repeat(10);
const NEW = "new-".repeat(10);

describe("on SIGHUP", () => {
  let folder: string;
  let service: RunningService;
  let client: ProtocolClient;
  let reloads = 0;

  beforeEach(async () => {
    reloads = 0;
    folder = mkdtempSync(join(tmpdir(), "aparte-reload-"));
    configure([OLD]);
    service = await RunningService.start({ flags: ["--config", join(folder, "aparte.yaml")] });
    client = await ProtocolClient.connect(service.origin);
  });

  afterEach(async () => {
    client.close();
    assert.equal(await service.stop(), 0);
    rmSync(folder, { recursive: true });
  });

  /** As an operator would: secrets in a file of their own. */
  function configure(secrets: readonly string[], more = ""): void {
    writeFileSync(join(folder, "secrets"), secrets.join("\n"));
    writeFileSync(join(folder, "aparte.yaml"), `turn:\n  secretsFile: secrets\n${more}`);
  }

  async function reload(outcome: string): Promise<void> {
    service.process.kill("SIGHUP");
    reloads += 1;
    const count = () => service.log.filter(({ msg }) => msg === outcome).length;
    await service.until(() => (count() > 0 ? true : undefined), outcome);
    // The certificate comes last, and there is one line of it each time.
    const ended = () => service.log.filter(({ msg }) => msg === "certificate read again").length;
    await service.until(() => (ended() === reloads ? true : undefined), "the end of the reload");
  }

  async function told(): Promise<Map<string, IceServer>> {
    const { regions } = await client.request("server:regions", {});
    return new Map(
      regions.map(({ region, iceServers: [server = assert.fail()] }) => [region, server]),
    );
  }

  /** What the relay answers to somebody with a credential by this secret; 0 for a success. */
  async function answerTo(secret: string): Promise<number> {
    const port = Number(/:(\d+)\?/.exec((await told()).get("home")?.urls[0] ?? "")?.[1]);
    const credential = issueCredential({ secret, id: "tester", lifetimeMs: 60_000 }, systemClock);
    const listener = { protocol: "udp", address: "127.0.0.1", port } as const;
    const turn = await TurnClient.connect(listener, credential);
    try {
      return (await turn.allocate()).code;
    } finally {
      turn.close();
    }
  }

  async function issuesWith(secret: string): Promise<boolean> {
    const { username = "", credential } = (await told()).get("home") ?? assert.fail();
    return credential === passwordOf(secret, username);
  }

  /** The relay is told, and takes its time. */
  async function untilAnswer(secret: string, code: number): Promise<void> {
    const endsAtMs = Date.now() + 20_000;
    while ((await answerTo(secret)) !== code) assert.ok(Date.now() < endsAtMs, `no ${code}`);
  }

  it("the relay's secret changes, with nobody left out at any time", async () => {
    assert.equal(await issuesWith(OLD), true);
    assert.equal(await answerTo(NEW), 401);
    configure([OLD, NEW]);
    await reload("configuration read again");
    await untilAnswer(NEW, 0);
    assert.equal(await issuesWith(OLD), true);
    configure([NEW, OLD]);
    await reload("configuration read again");
    assert.equal(await issuesWith(NEW), true);
    assert.equal(await answerTo(OLD), 0);
    configure([NEW]);
    await reload("configuration read again");
    await untilAnswer(OLD, 401);
    assert.equal(await answerTo(NEW), 0);
  });

  it("further relays come and go, and other changes are said to need a restart", async () => {
    assert.deepEqual([...(await told()).keys()], ["home"]);
    configure([OLD], "  edges: [us turn:us.example.org]\n  realm: other\nsfu:\n  rooms: 5\n");
    await reload("configuration read again");
    assert.deepEqual([...(await told()).keys()], ["home", "us"]);
    const { settings } = await service.said("changes that need a restart");
    assert.deepEqual(String(settings).split(", "), ["sfu.rooms", "turn.realm"]);
    configure([OLD]);
    await reload("configuration read again");
    assert.deepEqual([...(await told()).keys()], ["home"]);
  });

  it("a configuration that is not understood changes nothing", async () => {
    configure([NEW], "  edgez: []\n");
    await reload("configuration not usable, the old one stays");
    assert.equal(await issuesWith(OLD), true);
    assert.equal(await answerTo(NEW), 401);
  });
});
