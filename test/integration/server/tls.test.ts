import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import { io } from "socket.io-client";
import { ownHandshake, SIGNALING_PATH } from "../../../src/protocol/index.ts";
import { developmentCertificate } from "../../../src/server/index.ts";
import { RunningService } from "../../support/running-service.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-tls-"));
});
after(() => {
  rmSync(folder, { recursive: true });
});

function secureGet(
  url: string,
  ca: string,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    sent.on("error", reject);
  });
}

async function servedFingerprint(origin: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function signalingConnects(origin: string, ca: string): Promise<void> {
  const socket = io(origin, {
    path: SIGNALING_PATH,
    transports: ["websocket"],
    auth: { ...ownHandshake },
    reconnection: false,
    ca,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  socket.disconnect();
}

describe("a development certificate", () => {
  it("serves page and signaling to who trusts it, stays the same, and is shown", async () => {
    const directory = join(folder, "kept");
    const flags = ["--tls-development", "--tls-development-directory", directory];
    const fingerprints = new Set<string>();
    let starts = 0;
    while (starts < 2) {
      starts += 1;
      const service = await RunningService.start({ flags });
      try {
        const ca = readFileSync(join(directory, "development-certificate.pem"), "utf8");
        const port = new URL(service.origin).port;
        for (const host of ["localhost", "127.0.0.1"]) {
          const { status, headers } = await secureGet(`https://${host}:${port}/`, ca);
          assert.equal(status, 200);
          // It would keep browsers from plain HTTP on localhost for a year.
          assert.equal(headers["strict-transport-security"], undefined);
        }
        await signalingConnects(`https://127.0.0.1:${port}`, ca);
        const { fingerprint256 } = new X509Certificate(ca);
        await service.until(() => service.stdout.includes(fingerprint256) || undefined, "print");
        fingerprints.add(fingerprint256);
      } finally {
        assert.equal(await service.stop(), 0);
      }
    }
    assert.equal(fingerprints.size, 1);
    assert.equal(statSync(join(directory, "development-key.pem")).mode & 0o777, 0o600);
  });

  it("is not trusted by who doesn't know it", async () => {
    const flags = ["--tls-development", "--tls-development-directory", join(folder, "kept")];
    const service = await RunningService.start({ flags });
    await assert.rejects(fetch(service.origin));
    assert.equal(await service.stop(), 0);
  });

  it("is made anew before it expires, and for an address that it doesn't name", async () => {
    const directory = join(folder, "renewed");
    const nowMs = Date.now();
    const dayMs = 86_400_000;
    const first = await developmentCertificate(directory, [], nowMs);
    assert.equal(
      (await developmentCertificate(directory, [], nowMs)).fingerprint,
      first.fingerprint,
    );
    const later = await developmentCertificate(directory, [], nowMs + 370 * dayMs);
    assert.notEqual(later.fingerprint, first.fingerprint);
    const moved = await developmentCertificate(directory, ["192.0.2.7", "2001:db8::7"], nowMs);
    assert.notEqual(moved.fingerprint, later.fingerprint);
    const leaf = new X509Certificate(moved.certificatePem);
    assert.equal(leaf.checkIP("192.0.2.7"), "192.0.2.7");
    assert.ok(leaf.checkIP("2001:db8::7") !== undefined);
    assert.ok(moved.expiresAtMs - nowMs < 398 * dayMs);
    writeFileSync(join(directory, "development-key.pem"), "broken");
    const mended = await developmentCertificate(directory, [], nowMs);
    assert.notEqual(mended.fingerprint, moved.fingerprint);
  });
});

describe("a certificate from files", () => {
  it("is read again on SIGHUP, and the old one stays when the new one is broken", async () => {
    const certificateFile = join(folder, "certificate.pem");
    const keyFile = join(folder, "key.pem");
    const place = async (name: string) => {
      const made = await developmentCertificate(join(folder, name), [], Date.now());
      writeFileSync(certificateFile, made.certificatePem);
      writeFileSync(keyFile, made.keyPem.reveal());
      return made.fingerprint;
    };
    const first = await place("first");
    const service = await RunningService.start({
      flags: ["--tls-certificate-file", certificateFile, "--tls-key-file", keyFile],
    });
    try {
      assert.equal(await servedFingerprint(service.origin), first);
      const ca = readFileSync(certificateFile, "utf8");
      const { headers } = await secureGet(service.origin, ca);
      assert.equal(headers["strict-transport-security"], "max-age=31536000");

      const second = await place("second");
      service.process.kill("SIGHUP");
      await service.said("certificate read again");
      assert.equal(await servedFingerprint(service.origin), second);

      writeFileSync(keyFile, "broken");
      service.process.kill("SIGHUP");
      await service.said("certificate not usable, the old one stays");
      assert.equal(await servedFingerprint(service.origin), second);
    } finally {
      assert.equal(await service.stop(), 0);
    }
  });
});

it("TURN over TLS takes the same certificate", async () => {
  const flags = ["--tls-development", "--tls-development-directory", join(folder, "kept")];
  const service = await RunningService.start({ flags: [...flags, "--turn-tls-port", "0"] });
  const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
  assert.match(figures, /^aparte_turn_up 1$/m);
  assert.equal(await service.stop(), 0);
});
