import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { Authority } from "../support/authority.ts";
import type { Chromium } from "../support/chromium-browser.ts";
import { errorsOf, launchChromium } from "../support/chromium-browser.ts";
import { freePort } from "../support/free-port.ts";
import { RunningService } from "../support/running-service.ts";
import { EngineLab } from "../support/turn-engines.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
const SECRET = "a-secret-that-signaling-shares-with-its-relays";
const TIMEOUT_MS = 60_000;

let folder = "";
let chromium: Chromium;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "aparte-connection-test-"));
  chromium = await launchChromium({
    // The certificate is of an authority that only the doctor is told to trust.
    flags: ["--allow-loopback-in-peer-connection", "--ignore-certificate-errors"],
  });
});
after(async () => {
  await chromium.close();
  rmSync(folder, { recursive: true });
});

/** Check to state, relays with their region. */
async function findings(page: Page): Promise<Record<string, string>> {
  return page.$$eval("[data-check]", (rows) =>
    Object.fromEntries(
      rows.map((row) => {
        const region = /“(.*)”/.exec(row.textContent)?.[1];
        const check = row.getAttribute("data-check") ?? "";
        return [
          region === undefined ? check : `${check} ${region}`,
          row.getAttribute("data-state") ?? "",
        ];
      }),
    ),
  );
}

async function verdict(page: Page): Promise<string> {
  const done = `[data-testid="connection-test"]:not([data-verdict="running"])`;
  const main = await page.waitForSelector(done, { timeout: TIMEOUT_MS });
  return (await main?.evaluate((element) => element.getAttribute("data-verdict"))) ?? "";
}

test("each way of a whole deployment is tried from the browser, by its link", async () => {
  const { cert, key } = await (await Authority.found()).issue({ names: ["127.0.0.1"] });
  const [certificate, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(certificate, cert);
  writeFileSync(keyFile, key);
  const service = await RunningService.start({
    flags: [
      ...["--http-page-directory", PAGE],
      ...["--tls-certificate-file", certificate, "--tls-key-file", keyFile],
      ...["--turn-tls-port", String(await freePort())],
    ],
  });
  const page = await chromium.browser.newPage();
  const errors = errorsOf(page);
  try {
    await page.goto(`${service.origin}/#test`);
    assert.equal(await verdict(page), "good", JSON.stringify(await findings(page)));
    assert.deepEqual(await findings(page), {
      "secure-context": "ok",
      encryption: "ok",
      microphone: "ok",
      camera: "ok",
      clock: "ok",
      signaling: "ok",
      "media.udp": "ok",
      "media.tcp": "ok",
      "relay.udp home": "ok",
      "relay.tcp home": "ok",
      "relay.tls home": "ok",
    });
    const report = await copiedReport(page);
    assert.equal(report.verdict, "good");
    for (const step of report.steps.filter(({ check }) => /^(?:media|relay)/.test(check))) {
      assert.ok((step.bytesBack ?? 0) > 500, `${step.check}: ${step.bytesBack} bytes came back`);
    }
    const relayed = await figure(service, "aparte_turn_bytes_total", "to-clients");
    assert.ok(relayed > 1_500, `${relayed} bytes passed the relay`);
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
    assert.equal(await service.stop(), 0);
  }
});

test("relays that are gone, strict or foreign are told apart, and calls go on without", async (t) => {
  const listeners = [{ protocol: "tcp" as const, address: "127.0.0.1", port: 0 }];
  const strict = await EngineLab.open(t, "builtin", {
    listeners,
    secrets: [SECRET],
    peers: { allowed: [], denied: [], others: "refuse" },
  });
  const edges = [`strict turn:127.0.0.1:${strict.listener().port}?transport=tcp`];
  edges.push(`gone turn:127.0.0.1:${await freePort()}?transport=tcp`);
  const service = await RunningService.start({
    flags: ["--http-page-directory", PAGE, "--turn-edges", edges.join(",")],
    environment: { APARTE_TURN_SECRETS: SECRET },
  });
  const page = await chromium.browser.newPage();
  try {
    await page.goto(service.origin);
    // From the home page, as people come to it, and with nothing but the keyboard.
    await page.waitForSelector("[data-testid=to-connection-test]");
    await page.focus("[data-testid=to-connection-test]");
    await page.keyboard.press("Enter");
    assert.equal(await verdict(page), "limited");
    const found = await findings(page);
    assert.equal(found["relay.udp home"], "ok", JSON.stringify(found));
    assert.equal(found["relay.tcp strict"], "warning");
    assert.equal(found["relay.tcp gone"], "warning");
    const { steps } = await copiedReport(page);
    const reasonOf = (region: string) => steps.find((step) => step.region === region)?.reason;
    assert.equal(reasonOf("strict"), "no-data");
    assert.equal(reasonOf("gone"), "no-allocation");
    assert.ok(steps.every(({ state, mend }) => state === "ok" || mend !== undefined));
    // A server that goes away is told, too; and the test leads back.
    await service.stop();
    await page.click("[data-testid=test-again]");
    assert.equal(await verdict(page), "impossible");
    assert.equal((await findings(page)).signaling, "failed");
    await page.click("[data-testid=to-home]");
    await page.waitForSelector("[data-testid=home]");
  } finally {
    await page.close();
    await service.stop();
  }
});

interface Report {
  readonly verdict: string;
  readonly steps: readonly {
    readonly check: string;
    readonly state: string;
    readonly region?: string;
    readonly reason?: string;
    readonly mend?: string;
    readonly bytesBack?: number;
  }[];
}

/** What the button copies, without the clipboard, which pages in the background don't get. */
async function copiedReport(page: Page): Promise<Report> {
  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => {
      document.body.dataset.copied = text;
      await Promise.resolve();
    };
  });
  await page.click("[data-testid=copy-report]");
  const body = await page.waitForSelector("body[data-copied]");
  return JSON.parse((await body?.evaluate(({ dataset }) => dataset.copied ?? "")) ?? "");
}

async function figure(service: RunningService, name: string, what: string): Promise<number> {
  const text = await (await fetch(`${service.adminOrigin}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{.*="${what}"\\} (\\S+)$`, "m").exec(text)?.[1]);
}
