import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { setupEnvironment } from "../../../scripts/setup/environment.mjs";
import { ConfigError, type ConfigInput, loadConfig } from "../../../src/config/index.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "aparte-config-"));
});
after(() => {
  rmSync(folder, { recursive: true });
});

function refusal(input: Partial<ConfigInput>): ConfigError {
  try {
    loadConfig({ flags: [], environment: {}, workingDirectory: folder, ...input });
  } catch (error) {
    assert.ok(error instanceof ConfigError, inspect(error));
    return error;
  }
  return assert.fail("the configuration was taken");
}

function refusalOfFile(yaml: string): ConfigError {
  writeFileSync(join(folder, "bad.yaml"), yaml);
  return refusal({ flags: ["--config", "bad.yaml"] });
}

describe("unknown names", () => {
  for (const [what, error, code, message] of [
    [
      "a variable",
      () => refusal({ environment: { APARTE_HTTP_PROT: "1" } }),
      "unknown-name",
      "APARTE_HTTP_PROT: there is no such variable; did you mean APARTE_HTTP_PORT?",
    ],
    [
      "a flag",
      () => refusal({ flags: ["--http-prt", "1"] }),
      "unknown-name",
      "--http-prt: there is no such flag; did you mean --http-port?",
    ],
    [
      "a key of the file",
      () => refusalOfFile("sfu: {worker: 2}"),
      "unknown-name",
      "sfu.worker in bad.yaml: there is no such setting; did you mean workers?",
    ],
    [
      "a section of the file",
      () => refusalOfFile("signalling: {rooms: 2}"),
      "unknown-name",
      "signalling in bad.yaml: there is no such setting; did you mean signaling?",
    ],
    [
      "a name like no other",
      () => refusalOfFile("qwertyuiop: 1"),
      "unknown-name",
      "qwertyuiop in bad.yaml: there is no such setting",
    ],
    [
      "a key that would change prototypes",
      () => refusalOfFile("__proto__: {polluted: true}"),
      "unknown-name",
      "__proto__ in bad.yaml: there is no such setting",
    ],
    [
      "a word that is no flag, which isn't repeated",
      () => refusal({ flags: ["--http-port", "1", "hunter2"] }),
      "unknown-name",
      "argument 3 is not a flag",
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(error().problems, [{ code, message }]);
    });
  }

  it("passes over all that set-up leaves in the environment", () => {
    const environment = setupEnvironment({
      node: "/node",
      workerBin: "/worker",
      chromium: "/chromium",
      firefox: "/firefox",
      loadEngine: "/engine",
      loadEngineTests: "/tests",
    });
    const given = Object.keys(environment).filter((name) => name.startsWith("APARTE_"));
    assert.ok(given.length >= 4);
    assert.equal(loadConfig({ flags: [], environment, workingDirectory: folder }).http.port, 3000);
  });

  it("passes over variables of others", () => {
    const environment = { APARTE_CACHE_DIR: "/var/cache", PATH: "/bin", APARTES: "1" };
    assert.equal(loadConfig({ flags: [], environment, workingDirectory: folder }).http.port, 3000);
  });
});

describe("wrong values", () => {
  for (const [environment, message] of [
    [{ APARTE_HTTP_PORT: "http" }, "APARTE_HTTP_PORT: must be a whole number"],
    [{ APARTE_HTTP_PORT: "3e3" }, "APARTE_HTTP_PORT: must be a whole number"],
    [{ APARTE_HTTP_PORT: "65536" }, "APARTE_HTTP_PORT: must be at most 65535"],
    [{ APARTE_HTTP_PORT: "-1" }, "APARTE_HTTP_PORT: must be at least 0"],
    [{ APARTE_TLS_DEVELOPMENT: "yes" }, "APARTE_TLS_DEVELOPMENT: must be true or false"],
    [{ APARTE_ROLES: "sfu,media" }, "APARTE_ROLES, item 2: must be one of signaling, sfu, turn"],
    [{ APARTE_ROLES: "sfu,sfu" }, "APARTE_ROLES: names a role twice"],
    [{ APARTE_ROLES: "," }, "APARTE_ROLES: must be at least 1 items long"],
    [
      { APARTE_HTTP_PUBLIC_URL: "https://a.example/call" },
      "APARTE_HTTP_PUBLIC_URL: must be an origin like https://calls.example.org, without a path",
    ],
    [
      { APARTE_SFU_ADDRESSES: "localhost" },
      "APARTE_SFU_ADDRESSES, item 1: must be `address` or `address=announced address`",
    ],
    [
      { APARTE_TURN_SECRETS: "too short" },
      "APARTE_TURN_SECRETS, item 1: must be at least 32 characters long",
    ],
    [
      { APARTE_TURN_ALLOWED_PEERS: "10.0.0.0/33" },
      "APARTE_TURN_ALLOWED_PEERS, item 1: must be `address`, `address/bits` or one of them followed by `@port` or `@first-last`",
    ],
    [{ APARTE_HTTP_HOST: "a b" }, "APARTE_HTTP_HOST: must be a host name or an IP address"],
  ] as const) {
    it(message, () => {
      assert.deepEqual(refusal({ environment: { ...environment } }).problems, [
        { code: "wrong-value", message },
      ]);
    });
  }

  for (const [yaml, message] of [
    ['http: {port: "3000"}', "http.port in bad.yaml: must be a whole number"],
    ["http: {port: }", "http.port in bad.yaml: must be a whole number"],
    ["turn: {realm: 12}", "turn.realm in bad.yaml: must be a text"],
    ["roles: sfu", "roles in bad.yaml: must be a list"],
    ["http: [3000]", "http in bad.yaml: must be a map of settings"],
    ["turn: {secretsFile: 3}", "turn.secretsFile in bad.yaml: must be the path of a file"],
  ] as const) {
    it(`${yaml}: ${message}`, () => {
      assert.deepEqual(refusalOfFile(yaml).problems, [{ code: "wrong-value", message }]);
    });
  }

  it("are refused even where another source hides them", () => {
    const { problems } = refusal({
      environment: { APARTE_HTTP_PORT: "none" },
      flags: ["--http-port", "80"],
    });
    assert.equal(problems.length, 1);
  });
});

describe("flags", () => {
  for (const [flags, code, message] of [
    [["--http-port"], "wrong-value", "--http-port needs a value"],
    [["--http-port", "1", "--http-port=2"], "given-twice", "--http-port is given twice"],
    [["--config", "a", "--config", "b"], "given-twice", "--config is given twice"],
    [
      ["--turn-secrets", "hunter2-hunter2-hunter2-hunter2-hunter2"],
      "wrong-value",
      "--turn-secrets: every user of this machine can read flags; use --turn-secrets-file or a variable",
    ],
  ] as const) {
    it(message, () => {
      const found = refusal({ flags }).problems.filter((problem) => problem.code !== "bad-file");
      assert.deepEqual(found, [{ code, message }]);
    });
  }

  it("of booleans stand alone or take true and false", () => {
    const taken = (flags: string[]) =>
      loadConfig({ flags, environment: {}, workingDirectory: folder }).tls.development;
    assert.equal(taken(["--tls-development"]), true);
    assert.equal(taken(["--tls-development", "--http-port", "1"]), true);
    assert.equal(taken(["--tls-development", "false"]), false);
    assert.equal(taken(["--tls-development=false"]), false);
  });
});

describe("files", () => {
  it("that are missing are told of", () => {
    assert.deepEqual(refusal({ flags: ["--config", "none.yaml"] }).problems, [
      {
        code: "bad-file",
        message: "none.yaml: cannot read the configuration file: there is none",
      },
    ]);
    assert.deepEqual(refusal({ environment: { APARTE_TURN_SECRETS_FILE: folder } }).problems, [
      {
        code: "bad-file",
        message: "APARTE_TURN_SECRETS_FILE: cannot read its file: it is a folder",
      },
    ]);
  });

  for (const [what, yaml, message] of [
    ["broken YAML", "http:\n  port: [1", /^bad\.yaml, line 2: not valid YAML/],
    [
      "a key twice",
      "http: {port: 1}\nhttp: {port: 2}",
      /^bad\.yaml, line 2: not valid YAML \(duplicate key\)/,
    ],
    ["two documents", "http: {}\n---\nhttp: {}", /not valid YAML \(multiple docs\)/],
    ["an alias", "http: &a {port: 1}\nadmin: *a", /aliases \(\*name\) are not supported/],
    ["no map", "- 1", /must be a map of sections/],
  ] as const) {
    it(`with ${what} are refused`, () => {
      const { problems } = refusalOfFile(yaml);
      assert.equal(problems[0]?.code, "bad-file");
      assert.match(problems[0]?.message ?? "", message);
    });
  }

  it("that are empty change nothing", () => {
    writeFileSync(join(folder, "empty.yaml"), "# nothing yet\n");
    const flags = ["--config", "empty.yaml"];
    const config = loadConfig({ flags, environment: {}, workingDirectory: folder });
    assert.equal(config.http.port, 3000);
  });
});

describe("conflicts", () => {
  for (const [flags, message] of [
    [["--tls-key-file", "k"], /belong together/],
    [["--tls-key-file", "k", "--tls-certificate-file", "c", "--tls-development"], /leave it off/],
    [["--admin-port", "3000"], /need a port of their own/],
    [["--turn-relay-port-min", "60000", "--turn-relay-port-max", "50000"], /is above/],
    [["--turn-tls-port", "5349"], /needs a certificate/],
    [["--turn-tls-port", "3478", "--tls-development"], /are the same/],
    [["--turn-lifetime-max-ms", "1000"], /is above/],
    [["--roles", "sfu"], /in the same process/],
    [["--roles", "signaling,sfu", "--turn-public-host", "turn.example"], /give turn\.secrets/],
    [["--roles", "turn"], /a relay alone needs turn\.secrets/],
    [["--turn-edges", "eu turn:turn.example"], /relays in eu need a secret/],
  ] as const) {
    it(flags.join(" "), () => {
      const { problems } = refusal({ flags });
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.code, "conflict");
      assert.match(problems[0]?.message ?? "", message);
    });
  }
});

it("all problems come at once, and none tells a value", () => {
  const secret = "hunter2-hunter2-hunter2-hunter2-hunter2";
  writeFileSync(
    join(folder, "aparte.yaml"),
    `http: {port: ${secret}, hostt: ${secret}}\nturn: {secrets: ${secret}, realm: [${secret}]}\n`,
  );
  const error = refusal({
    flags: ["--turn-secrets", secret, secret, `--turn-secretz=${secret}`, "--log-level", secret],
    environment: {
      APARTE_TURN_SECRETS: "hunter2",
      APARTE_TURN_SECRET: secret,
      APARTE_ROLES: secret,
    },
  });
  rmSync(join(folder, "aparte.yaml"));
  assert.equal(error.problems.length, 11);
  assert.equal(inspect(error, { depth: null }).includes("hunter2"), false);
});
