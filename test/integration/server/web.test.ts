import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { RunningService } from "../../support/running-service.ts";

let service: RunningService;
before(async () => {
  service = await RunningService.start({
    flags: ["--http-headers-timeout-ms", "1000", "--http-max-connections", "20"],
  });
});
after(async () => {
  await service.stop();
});

/** Without the tidying of URLs that `fetch` does. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.origin);
    const sent = request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}

describe("the page", () => {
  it("is served with a policy that lets nothing foreign run", async () => {
    const response = await fetch(service.origin);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<!doctype html>/);
    const { headers } = response;
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]) {
      assert.ok(policy.split("; ").includes(part), part);
    }
    assert.doesNotMatch(policy, /unsafe|\*|http:|https:/);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("permissions-policy") ?? "", /camera=\(self\), microphone=\(self\)/);
    assert.match(headers.get("permissions-policy") ?? "", /geolocation=\(\)/);
    assert.equal(headers.get("strict-transport-security"), null);
    assert.equal(headers.get("x-powered-by"), null);
  });

  it("is asked for anew each time, what carries a hash in its name never", async () => {
    const page = await fetch(service.origin);
    assert.equal(page.headers.get("cache-control"), "no-cache");
    const again = await fetch(service.origin, {
      headers: { "If-None-Match": page.headers.get("etag") ?? "" },
    });
    assert.equal(again.status, 304);
    const asset = await fetch(`${service.origin}/assets/index-abc123.js`);
    assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.match(asset.headers.get("content-type") ?? "", /javascript/);
  });

  for (const [path, status] of [
    ["/none", 404],
    ["/../package.json", 404],
    ["/%2e%2e/%2e%2e/package.json", 404],
    ["/assets/..%2f..%2findex.html", 404],
    ["/assets", 404],
    ["/%", 404],
    ["/metrics", 404],
    ["/readyz", 404],
    ["/healthz", 404],
  ] as const) {
    it(`answers ${path} with ${status}`, async () => {
      assert.equal(await rawStatus(path), status);
    });
  }

  it("is only for reading, and says so with the same headers", async () => {
    const response = await fetch(service.origin, { method: "POST", body: "x" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  });
});

describe("limits of HTTP", () => {
  it("a head that doesn't come is waited for no longer than configured", async () => {
    const { hostname, port } = new URL(service.origin);
    const startedMs = Date.now();
    const socket = connect(Number(port), hostname);
    socket.write("GET / HTTP/1.1\r\nHost: slow");
    const answer = await new Promise<string>((resolve, reject) => {
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      socket.on("close", () => {
        resolve(text);
      });
      socket.on("error", reject);
    });
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.ok(Date.now() - startedMs < 5_000);
  });

  it("a head that is too large is refused", async () => {
    const response = await fetch(service.origin, { headers: { "X-Large": "x".repeat(20_000) } });
    assert.equal(response.status, 431);
  });

  it("connections beyond the limit are closed, and the others are served", async () => {
    const { hostname, port } = new URL(service.origin);
    const sockets = Array.from({ length: 40 }, () => connect(Number(port), hostname));
    const closed = sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.on("error", () => {});
          socket.on("close", () => {
            resolve();
          });
        }),
    );
    await Promise.race(closed);
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    // The server hears of their ends a moment later.
    const endsAtMs = Date.now() + 5_000;
    let status: number | undefined;
    while (status !== 200 && Date.now() < endsAtMs) {
      status = await rawStatus("/").catch(() => undefined);
    }
    assert.equal(status, 200);
  });
});

describe("the admin listener", () => {
  it("tells that the service is live and ready, check by check", async () => {
    for (const path of ["/livez", "/readyz", "/healthz"]) {
      const response = await fetch(`${service.adminOrigin}${path}`);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.partialDeepStrictEqual(await response.json(), { ok: true });
    }
    const ready: unknown = await (await fetch(`${service.adminOrigin}/readyz`)).json();
    assert.deepEqual(ready, { ok: true, checks: { service: "ok", sfu: "ok" } });
  });

  it("has figures of every part and of the process", async () => {
    const response = await fetch(`${service.adminOrigin}/metrics`);
    const text = await response.text();
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    for (const line of [
      /^aparte_sfu_workers 1$/m,
      /^aparte_sfu_worker_cpu_seconds_total\{worker="0"\} \d/m,
      /^aparte_turn_up 1$/m,
      /^aparte_turn_current\{what="allocations"\} 0$/m,
      /^aparte_signaling_rooms 0$/m,
      /^aparte_signaling_connections_total 0$/m,
      /^nodejs_eventloop_lag_p99_seconds \d/m,
      /^process_resident_memory_bytes \d/m,
    ]) {
      assert.match(text, line);
    }
  });

  it("has nothing else", async () => {
    for (const path of ["/", "/json", "/debug/pprof", "/heapdump", "/index.html"]) {
      assert.equal((await fetch(`${service.adminOrigin}${path}`)).status, 404);
    }
    const posted = await fetch(`${service.adminOrigin}/metrics`, { method: "POST" });
    assert.equal(posted.status, 405);
  });
});

it("replaces and counts a media worker that dies, and stays live", async () => {
  const first = await service.said("media worker started");
  process.kill(Number(first.pid), "SIGKILL");
  await service.until(
    () => service.log.find(({ msg, pid }) => msg === "media worker started" && pid !== first.pid),
    "new worker",
  );
  assert.equal((await fetch(`${service.adminOrigin}/livez`)).status, 200);
  assert.equal((await fetch(`${service.adminOrigin}/readyz`)).status, 200);
  const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
  assert.match(figures, /^aparte_sfu_worker_deaths_total 1$/m);
});
