import assert from "node:assert/strict";
import { test } from "node:test";
import { readDoctorRequest } from "../../../src/cli/doctor/doctor-request.ts";
import { reportAsText } from "../../../src/cli/doctor/report.ts";

test("an address, a name or an invitation ask for a deployment", () => {
  for (const [given, origin] of [
    ["https://calls.example.org/", "https://calls.example.org"],
    ["calls.example.org", "https://calls.example.org"],
    ["http://127.0.0.1:3000/#1abc", "http://127.0.0.1:3000"],
    ["https://calls.example.org:8443/?a#1abc", "https://calls.example.org:8443"],
  ] as const) {
    const request = readDoctorRequest([given, "--json"]);
    assert.ok(request.kind === "there" && request.json);
    assert.equal(request.origin.href, `${origin}/`, "nothing of the invitation stays");
  }
});

test("without one it is about this machine, and other flags are the configuration's", () => {
  assert.deepEqual(
    readDoctorRequest(["--http-port", "1", "--stun", "[::1]:3", "--tls-development"]),
    {
      kind: "here",
      flags: ["--http-port", "1", "--tls-development"],
      json: false,
      stun: { host: "::1", port: 3 },
    },
  );
  assert.deepEqual(readDoctorRequest(["--running", "--admin-port", "2"]), {
    kind: "running",
    flags: ["--admin-port", "2"],
  });
  const named = readDoctorRequest(["--json", "--stun", "stun.example.org"]);
  assert.ok(named.kind === "here");
  assert.deepEqual(named.stun, { host: "stun.example.org", port: 3_478 });
});

test("what is not understood is said", () => {
  for (const args of [["--stun"], ["--stun", "--json"], ["https://"], ["a b"], ["host", "more"]]) {
    assert.equal(readDoctorRequest(args).kind, "misused", args.join(" "));
  }
});

test("a report says each finding, what mends it, and how it stands", () => {
  const text = reportAsText({
    version: "1.2.3",
    target: "https://calls.example.org",
    at: "2026-01-01T00:00:00.000Z",
    browserTest: "https://calls.example.org/#test",
    findings: [
      { check: "page", state: "ok", text: "There." },
      {
        check: "relay.tls",
        state: "failed",
        text: "Gone\u001b[2J.",
        mend: "Bring it back.",
        region: "eu",
      },
    ],
  });
  assert.equal(
    text,
    [
      "",
      "  Aparté 1.2.3 looks at https://calls.example.org",
      "",
      "  ok       page       There.",
      "  FAILED   relay.tls  Gone?[2J. (region eu)",
      "           → Bring it back.",
      "",
      "  1 to mend before calls work, 0 to look at.",
      "",
      "  From a browser: https://calls.example.org/#test",
      "",
    ].join("\n"),
  );
});
