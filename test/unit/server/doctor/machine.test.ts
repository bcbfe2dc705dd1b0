import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadConfig } from "../../../../src/config/index.ts";
import { addressKind } from "../../../../src/server/doctor/address-kind.ts";
import { checkMachine, checkNode } from "../../../../src/server/doctor/machine-check.ts";
import { parseIceUrl } from "../../../../src/server/doctor/ice-url.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-machine-"));
});
after(() => {
  rmSync(folder, { recursive: true });
});

function machine(buffers: number | undefined, files: string | undefined) {
  const procFolder = mkdtempSync(join(folder, "proc-"));
  if (buffers !== undefined) {
    const net = join(procFolder, "sys/net/core");
    mkdirSync(net, { recursive: true });
    writeFileSync(join(net, "rmem_max"), `${buffers}\n`);
    writeFileSync(join(net, "wmem_max"), "8388608\n");
  }
  if (files !== undefined) {
    mkdirSync(join(procFolder, "self"));
    const line = `Max open files            ${files.padEnd(21)}524288               files\n`;
    writeFileSync(join(procFolder, "self/limits"), `Limit  Soft Limit  Hard Limit\n${line}`);
  }
  const config = loadConfig({ flags: [], environment: {}, workingDirectory: folder });
  const findings = checkMachine(config, { procFolder });
  const of = (check: string) => findings.find((each) => each.check === check);
  return { buffers: of("kernel-buffers"), files: of("open-files"), redis: of("redis") };
}

test("buffers and open files are held against what is needed", () => {
  const small = machine(212_992, "1024");
  assert.equal(small.buffers?.state, "warning");
  assert.match(small.buffers?.text ?? "", /208 KiB/);
  assert.match(small.buffers?.mend ?? "", /net\.core\.rmem_max=4194304/);
  assert.equal(small.files?.state, "warning");
  assert.match(small.files?.text ?? "", /1024 files .* 23000/);
  assert.equal(small.redis?.state, "skipped");
  const large = machine(4_194_304, "65536");
  assert.deepEqual([large.buffers?.state, large.files?.state], ["ok", "ok"]);
  assert.equal(machine(4_194_304, "unlimited").files?.state, "ok");
});

test("a system that does not tell is not accused", () => {
  const silent = machine(undefined, undefined);
  assert.deepEqual([silent.buffers?.state, silent.files?.state], ["skipped", "skipped"]);
});

test("Node's version", () => {
  for (const version of ["22.18.0", "24.0.0", "25.1.2"])
    assert.equal(checkNode(version).state, "ok");
  for (const version of ["20.20.2", "22.17.9"]) assert.equal(checkNode(version).state, "failed");
});

test("kinds of addresses", () => {
  const kinds = {
    "8.8.8.8": "public",
    "2606:4700::1": "public",
    "127.0.0.1": "loopback",
    "::1": "loopback",
    localhost: "loopback",
    "10.1.2.3": "special",
    "100.64.0.1": "special",
    "fd00::1": "special",
    "calls.example.org": "name",
  };
  for (const [text, kind] of Object.entries(kinds)) assert.equal(addressKind(text), kind, text);
});

test("addresses of STUN and TURN servers", () => {
  assert.deepEqual(parseIceUrl("turn:turn.example.org:3478?transport=udp"), {
    isRelay: true,
    transport: "udp",
    host: "turn.example.org",
    port: 3_478,
  });
  assert.deepEqual(parseIceUrl("turns:[2001:db8::1]?transport=tcp"), {
    isRelay: true,
    transport: "tls",
    host: "2001:db8::1",
    port: 5_349,
  });
  assert.equal(parseIceUrl("turn:10.0.0.1:80?transport=tcp")?.transport, "tcp");
  assert.equal(parseIceUrl("stun:stun.example.org")?.isRelay, false);
  for (const text of ["http://example.org", "turn:", "turn:a:b", "turn:a?transport=sctp"]) {
    assert.equal(parseIceUrl(text), undefined, text);
  }
});
