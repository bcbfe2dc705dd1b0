import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { type Setting, settings } from "../../../src/config/catalogue.ts";
import { type Config, loadConfig } from "../../../src/config/index.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-config-"));
});
after(() => {
  rmSync(folder, { recursive: true });
});

const secretText = "a-secret-of-more-than-32-characters-in-all";

/** As in a variable, and what the configuration holds then. Integers take their lowest value. */
const samples: Readonly<Record<string, readonly [text: string, value: unknown]>> = {
  roles: ["signaling, sfu", ["signaling", "sfu"]],
  region: ["eu-west_1", "eu-west_1"],
  "http.host": ["::1", "::1"],
  "http.publicUrl": ["https://calls.example.org", "https://calls.example.org"],
  "http.allowedOrigins": [
    "https://a.example, http://b.example:81",
    ["https://a.example", "http://b.example:81"],
  ],
  "http.printLink": ["never", "never"],
  "http.pageDirectory": ["/srv/page", "/srv/page"],
  "tls.certificateFile": ["/etc/cert.pem", "/etc/cert.pem"],
  "tls.keyFile": ["/etc/key.pem", "/etc/key.pem"],
  "tls.development": ["true", true],
  "tls.developmentDirectory": ["/var/lib/aparte", "/var/lib/aparte"],
  "admin.host": ["10.0.0.1", "10.0.0.1"],
  "sfu.workerBin": ["/opt/mediasoup-worker", "/opt/mediasoup-worker"],
  "sfu.addresses": ["10.0.0.5=203.0.113.9,::1", ["10.0.0.5=203.0.113.9", "::1"]],
  "turn.engine": ["coturn", "coturn"],
  "turn.coturnProgram": ["/usr/bin/turnserver", "/usr/bin/turnserver"],
  "turn.addresses": ["10.0.0.5,::1", ["10.0.0.5", "::1"]],
  "turn.relayAddresses": ["10.0.0.5=203.0.113.9", ["10.0.0.5=203.0.113.9"]],
  "turn.relayPortMax": ["60000", 60_000],
  "turn.publicHost": ["turn.example.org", "turn.example.org"],
  "turn.realm": ["example", "example"],
  "turn.secrets": [secretText, [secretText]],
  "turn.edges": [
    "eu turn:eu.example.org, us turns:[::1]:443",
    ["eu turn:eu.example.org", "us turns:[::1]:443"],
  ],
  "turn.edgeSecrets": [`us=${secretText}`, [`us=${secretText}`]],
  "turn.allowedPeers": ["10.0.0.0/8@40000-40063,::1", ["10.0.0.0/8@40000-40063", "::1"]],
  "turn.deniedPeers": ["10.0.0.1@53", ["10.0.0.1@53"]],
  "turn.otherPeers": ["allow-public", "allow-public"],
  "turn.lifetimeMaxMs": ["3700000", 3_700_000],
  "log.level": ["debug", "debug"],
  "log.format": ["json", "json"],
};

/** What a setting can't stand without. */
const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tls.certificateFile": { APARTE_TLS_KEY_FILE: "/etc/key.pem" },
  "tls.keyFile": { APARTE_TLS_CERTIFICATE_FILE: "/etc/cert.pem" },
  "turn.tlsPort": { APARTE_TLS_DEVELOPMENT: "true" },
  "turn.edges": { APARTE_TURN_SECRETS: secretText },
  "turn.edgeSecrets": { APARTE_TURN_EDGES: "us turn:us.example.org" },
};

function sampleOf(setting: Setting): readonly [text: string, value: unknown] {
  const sample = samples[setting.key];
  if (sample !== undefined) return sample;
  const lowest = /^(\d+) to \d+$/.exec(setting.limits)?.[1];
  assert.ok(setting.kind === "integer" && lowest !== undefined, `no sample for ${setting.key}`);
  return [lowest, Number(lowest)];
}

function valueIn(config: Config, { section, name }: Setting): unknown {
  const tree: Record<string, unknown> = { ...config };
  const place: Record<string, unknown> =
    section === undefined ? tree : { ...Object(tree[section]) };
  const value = place[name];
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    typeof item === "object" &&
    item !== null &&
    "reveal" in item &&
    typeof item.reveal === "function"
      ? String(item.reveal())
      : item,
  );
}

function yamlOf({ section, name }: Setting, value: unknown): string {
  return JSON.stringify(
    section === undefined ? { [name]: value } : { [section]: { [name]: value } },
  );
}

describe("every setting", () => {
  for (const setting of settings) {
    const environment = companions[setting.key] ?? {};

    it(`${setting.key} by variable, flag and file`, () => {
      const [text, value] = sampleOf(setting);
      const byVariable = loadConfig({
        flags: [],
        environment: { ...environment, [setting.variable]: text },
        workingDirectory: folder,
      });
      assert.deepEqual(valueIn(byVariable, setting), value);

      const secretFile = join(folder, "secret");
      writeFileSync(secretFile, `${text}\n`);
      const flags = setting.isSecret ? [`${setting.flag}-file`, secretFile] : [setting.flag, text];
      const byFlag = loadConfig({ flags, environment, workingDirectory: folder });
      assert.deepEqual(valueIn(byFlag, setting), value);

      const file = join(folder, "settings.yaml");
      writeFileSync(file, yamlOf(setting, value));
      const byFile = loadConfig({
        flags: ["--config", file],
        environment,
        workingDirectory: folder,
      });
      assert.deepEqual(valueIn(byFile, setting), value);
    });
  }

  it("has one name of each kind", () => {
    for (const names of [settings.map((one) => one.flag), settings.map((one) => one.variable)]) {
      assert.equal(new Set(names).size, settings.length);
    }
  });
});

describe("precedence", () => {
  it("is defaults, file, environment, flags; setting by setting", () => {
    const file = join(folder, "aparte.yaml");
    writeFileSync(file, "http:\n  port: 1001\n  host: 10.0.0.1\nlog: {level: warn}\nsfu:\n");
    const config = loadConfig({
      flags: ["--http-port=3003"],
      environment: { APARTE_HTTP_PORT: "2002", APARTE_LOG_LEVEL: "error" },
      workingDirectory: folder,
    });
    rmSync(file);
    assert.equal(config.http.port, 3003);
    assert.equal(config.log.level, "error");
    assert.equal(config.http.host, "10.0.0.1");
    assert.equal(config.sfu.port, 40_000);
  });

  it("prefers the file that a flag names to the one that a variable names", () => {
    const paths = ["one.yaml", "two.yaml"].map((name) => join(folder, name));
    paths.forEach((path, index) => {
      writeFileSync(path, `http: {port: ${4000 + index}}`);
    });
    const environment = { APARTE_CONFIG: "one.yaml" };
    const workingDirectory = folder;
    assert.equal(loadConfig({ flags: [], environment, workingDirectory }).http.port, 4000);
    const flags = ["--config", "two.yaml"];
    assert.equal(loadConfig({ flags, environment, workingDirectory }).http.port, 4001);
  });

  it("takes the worker of a foreign variable, unless ours names one", () => {
    const environment = { MEDIASOUP_WORKER_BIN: "/theirs" };
    assert.equal(loadConfig({ flags: [], environment }).sfu.workerBin, "/theirs");
    const both = { ...environment, APARTE_SFU_WORKER_BIN: "/ours" };
    assert.equal(loadConfig({ flags: [], environment: both }).sfu.workerBin, "/ours");
  });
});

describe("paths", () => {
  it("start in the file's folder, or in the working directory", () => {
    const file = join(folder, "paths.yaml");
    writeFileSync(file, "tls: {certificateFile: c.pem, keyFile: /abs/k.pem}");
    const inFile = loadConfig({
      flags: ["--config", file],
      environment: {},
      workingDirectory: "/",
    });
    assert.equal(inFile.tls.certificateFile, join(folder, "c.pem"));
    assert.equal(inFile.tls.keyFile, "/abs/k.pem");
    const flags = ["--tls-certificate-file", "c.pem", "--tls-key-file", "~/k.pem"];
    const byFlag = loadConfig({ flags, environment: {}, workingDirectory: "/srv" });
    assert.equal(byFlag.tls.certificateFile, "/srv/c.pem");
    assert.match(byFlag.tls.keyFile ?? "", /^\/.*\/k\.pem$/);
    assert.doesNotMatch(byFlag.tls.keyFile ?? "", /~/);
  });
});

describe("secrets", () => {
  it("come from a file by variable and by key of the configuration file", () => {
    const path = join(folder, "turn-secrets");
    writeFileSync(path, `${secretText}-1\n${secretText}-2\n`);
    const byVariable = loadConfig({ flags: [], environment: { APARTE_TURN_SECRETS_FILE: path } });
    const file = join(folder, "secret.yaml");
    writeFileSync(file, "turn: {secretsFile: turn-secrets}");
    const byFile = loadConfig({ flags: ["--config", file], environment: {} });
    for (const { turn } of [byVariable, byFile]) {
      assert.deepEqual(
        turn.secrets?.map((secret) => secret.reveal()),
        [`${secretText}-1`, `${secretText}-2`],
      );
    }
  });

  it("are redacted wherever a configuration ends up", () => {
    const config = loadConfig({ flags: [], environment: { APARTE_TURN_SECRETS: secretText } });
    const [secret] = config.turn.secrets ?? [];
    assert.ok(secret !== undefined);
    const places = [
      JSON.stringify(config),
      inspect(config, { depth: null, showHidden: true }),
      inspect(secret, { customInspect: false, showHidden: true }),
      String(secret),
      `a template with ${secret.toString()}`,
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(structuredClone(secret)),
    ];
    for (const place of places) assert.equal(place.includes(secretText), false);
    assert.equal(secret.reveal(), secretText);
  });
});
