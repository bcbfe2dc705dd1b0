import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../../scripts/setup/project.mjs";
import { settings } from "../../../src/config/catalogue.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");

/** Every variable of the service's configuration, and what the scripts read. */
const variables = new Set([
  ...settings.map(({ variable }) => variable),
  "APARTE_CACHE_DIR",
  "APARTE_CONFIG",
]);

function unknownVariables(text: string): string[] {
  return [...text.matchAll(/\bAPARTE_[A-Z\d_]+/g)]
    .map(([name]) => name)
    .filter((name) => !variables.has(name));
}

function defaultOf(key: string): unknown {
  const found = settings.find((setting) => setting.key === key);
  assert.ok(found, `there is no setting ${key}`);
  return found.defaultValue;
}

describe("deploy/Dockerfile", () => {
  const text = read("deploy/Dockerfile");
  // An instruction may go on over several lines, each but the last ending in a backslash.
  const instructions = text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({
      name: line.split(/\s+/)[0] ?? "",
      words: line.trim().split(/\s+/).slice(1),
    }));
  const all = (name: string) => instructions.filter((instruction) => instruction.name === name);
  const stages = all("FROM")
    .map(({ words }) => words[2])
    .filter((name) => name !== undefined);
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

  it("copies only what is there, and what .dockerignore lets in", () => {
    const letIn = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"));
    const copies = all("COPY").filter(({ words }) => !words[0]?.startsWith("--from="));
    const sources = copies.flatMap(({ words }) => words.slice(0, -1));
    assert.ok(sources.length > 5);
    for (const source of sources) {
      assert.ok(existsSync(join(projectRoot, source)), `${source} doesn't exist`);
      const isLetIn = letIn.some((line) => `!${source}/`.startsWith(`${line}/`));
      assert.ok(isLetIn, `${source} is left out by .dockerignore`);
    }
  });

  it("copies only from stages that it has", () => {
    const froms = all("COPY").flatMap(({ words }) =>
      words.filter((word) => word.startsWith("--from=")),
    );
    assert.ok(froms.length > 0);
    for (const from of froms) assert.ok(stages.includes(from.slice("--from=".length)), from);
  });

  it("runs as an account without rights, with a health check", () => {
    const user = last.find(({ name }) => name === "USER")?.words[0];
    assert.ok(user !== undefined && !["root", "0"].includes(user));
    const check = last.find(({ name }) => name === "HEALTHCHECK")?.words.join(" ") ?? "";
    const [, port = "", path = ""] = /127\.0\.0\.1:(\d+)(\/\w+)/.exec(check) ?? [];
    assert.equal(Number(port), defaultOf("admin.port"));
    assert.ok(read("src/server/admin-server.ts").includes(`"${path}"`), path);
    assert.deepEqual(last.at(-1), {
      name: "CMD",
      words: ['["node",', '"src/cli/main.ts",', '"serve"]'],
    });
  });

  it("exposes the ports that the service listens on", () => {
    const exposed = all("EXPOSE").flatMap(({ words }) => words);
    assert.ok(exposed.includes(`${String(defaultOf("http.port"))}/tcp`));
    assert.ok(exposed.includes(`${String(defaultOf("turn.port"))}/udp`));
    assert.ok(exposed.some((port) => port.startsWith(`${String(defaultOf("sfu.port"))}-`)));
  });

  it("names only variables that exist", () => assert.deepEqual(unknownVariables(text), []));
});

describe("deploy/compose.yaml", () => {
  /** The part of the Compose specification that we use; a key outside of it is a mistake. */
  const service = z.strictObject({
    build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
    image: z.string(),
    network_mode: z.literal("host"),
    restart: z.literal("unless-stopped"),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()),
    volumes: z.array(z.string()).optional(),
    read_only: z.literal(true),
    tmpfs: z.array(z.string()).optional(),
    cap_drop: z.tuple([z.literal("ALL")]),
    cap_add: z.array(z.string()).optional(),
    security_opt: z.tuple([z.literal("no-new-privileges:true")]),
    stop_grace_period: z.string().optional(),
    ulimits: z.record(z.string(), z.int()).optional(),
    depends_on: z
      .record(z.string(), z.strictObject({ condition: z.literal("service_healthy") }))
      .optional(),
    logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  });
  const compose = z
    .strictObject({
      name: z.string(),
      services: z.record(z.string(), service),
      volumes: z.record(z.string(), z.null()),
    })
    .parse(parse(read("deploy/compose.yaml")));

  it("builds from files that exist", () => {
    for (const { build } of Object.values(compose.services)) {
      if (build)
        assert.ok(existsSync(join(projectRoot, "deploy", build.context, build.dockerfile)));
    }
  });

  it("mounts files and volumes that exist", () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes }) => volumes ?? []);
    for (const mount of mounts) {
      const [source = ""] = mount.split(":");
      if (source.startsWith(".")) assert.ok(existsSync(join(projectRoot, "deploy", source)), mount);
      else assert.ok(source in compose.volumes, mount);
    }
  });

  it("waits only for services that it has", () => {
    const waits = Object.values(compose.services).flatMap((one) =>
      Object.keys(one.depends_on ?? {}),
    );
    for (const name of waits) assert.ok(name in compose.services, name);
  });

  it("keeps the page on loopback, where the proxy finds it", () => {
    const { APARTE_HTTP_HOST } = compose.services["aparte"]?.environment ?? {};
    const target = `${APARTE_HTTP_HOST}:${String(defaultOf("http.port"))}`;
    assert.match(read("deploy/Caddyfile"), new RegExp(`reverse_proxy ${target}$`, "m"));
  });

  it("counts people by their own addresses, which the proxy tells", () => {
    const { APARTE_HTTP_TRUSTED_PROXIES } = compose.services["aparte"]?.environment ?? {};
    assert.equal(APARTE_HTTP_TRUSTED_PROXIES, "1");
  });

  it("leaves clients longer to move than the service waits for them", () => {
    const seconds = Number.parseInt(compose.services["aparte"]?.stop_grace_period ?? "", 10);
    assert.ok(seconds * 1000 > Number(defaultOf("shutdown.timeoutMs")));
  });

  it("names only variables that exist", () => {
    assert.deepEqual(unknownVariables(read("deploy/compose.yaml")), []);
  });
});

describe("deploy/aparte.service", () => {
  const text = read("deploy/aparte.service");

  it("starts what exists", () => {
    const [, script = ""] = /^ExecStart=\/usr\/bin\/node (\S+) serve$/m.exec(text) ?? [];
    assert.ok(existsSync(join(projectRoot, script)), script);
  });

  it("is well-formed in systemd's eyes, where there is a systemd", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const file = join(projectRoot, "deploy/aparte.service");
    execFile(
      "systemd-analyze",
      ["verify", file],
      { timeout: 30_000 },
      (error, _out, complaints) => {
        if (error && "code" in error && error.code === "ENOENT") resolve("");
        else resolve(complaints);
      },
    );
    // It also complains where /usr/bin/node is missing, which isn't the unit's fault.
    const own = (await promise)
      .split("\n")
      .filter((line) => line && !/node.*not executable/.test(line));
    assert.deepEqual(own, []);
  });

  it("gives away no right that the service has no use for", () => {
    for (const line of ["DynamicUser=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet="]) {
      assert.match(text, new RegExp(`^${line}$`, "m"));
    }
  });
});

describe("deploy/README.md", () => {
  const text = read("deploy/README.md");

  it("names the ports that have to be open, as they are by default", () => {
    for (const key of ["sfu.port", "turn.port", "turn.relayPortMin", "turn.relayPortMax"]) {
      assert.ok(text.includes(String(defaultOf(key))), `${key} is ${String(defaultOf(key))}`);
    }
  });

  it("names only variables that exist", () => assert.deepEqual(unknownVariables(text), []));
});
