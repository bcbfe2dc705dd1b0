import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { floorNames } from "../../../scripts/check/floors.ts";
import { projectRoot } from "../../../scripts/setup/project.mjs";

type Diagnostic = { code: string; filename: string; labels: { span: { line: number } }[] };

/** What one line of one file is expected to be reported for; undefined for nothing. */
type Case = { file: string; line: string; rule: string | undefined };

const imports = "eslint(no-restricted-imports)";

function forbidden(file: string, specifier: string): Case {
  return { file, line: `export { it } from "${specifier}";`, rule: imports };
}

function allowed(file: string, specifier: string): Case {
  return { ...forbidden(file, specifier), rule: undefined };
}

const cases: readonly Case[] = [
  forbidden("src/signaling/a.ts", "../e2ee/frame/index.ts"),
  forbidden("src/server/a.ts", "../e2ee/group/index.ts"),
  forbidden("src/sfu/a.ts", "../signaling/ports.ts"),
  forbidden("src/sfu/deep/er/a.ts", "../../../signaling/ports.ts"),
  forbidden("src/sfu/a.ts", "./../signaling/ports.ts"),
  forbidden("src/sfu/deep/a.ts", "../deep/../../signaling/ports.ts"),
  forbidden("src/sfu/a.ts", "socket.io"),
  forbidden("src/signaling/a.ts", "../sfu/index.ts"),
  forbidden("src/signaling/a.ts", "mediasoup"),
  forbidden("src/turn/a.ts", "../protocol/index.ts"),
  forbidden("src/protocol/a.ts", "../lib/emitter.ts"),
  forbidden("src/protocol/a.ts", "node:crypto"),
  forbidden("src/lib/a.ts", "zod"),
  forbidden("src/lib/a.ts", "events"),
  forbidden("src/e2ee/a.ts", "socket.io-client"),
  forbidden("src/e2ee/a.ts", "../client/index.ts"),
  forbidden("src/client/a.ts", "../web/state/store.ts"),
  forbidden("src/web/a.tsx", "../e2ee/frame/index.ts"),
  forbidden("src/web/a.tsx", "../protocol/index.ts"),
  forbidden("src/cli/a.ts", "../sfu/index.ts"),
  forbidden("src/server/a.ts", "node:process"),
  forbidden("loadtest/a.ts", "../src/sfu/index.ts"),
  {
    file: "src/sfu/a.ts",
    line: 'export const m = await import("../signaling/a.ts");',
    rule: imports,
  },
  { file: "src/sfu/a.ts", line: 'export type { T } from "../signaling/a.ts";', rule: imports },
  {
    file: "src/sfu/a.ts",
    line: "export const home = process.env.HOME;",
    rule: "node(no-process-env)",
  },
  {
    file: "src/server/a.ts",
    line: "export const { env } = process;",
    rule: "eslint(no-restricted-properties)",
  },
  {
    file: "loadtest/a.ts",
    line: "export const home = process.env.HOME;",
    rule: "node(no-process-env)",
  },
  { file: "src/sfu/a.ts", line: 'console.log("here");', rule: "eslint(no-console)" },

  allowed("src/signaling/a.ts", "../protocol/index.ts"),
  allowed("src/signaling/a.ts", "./deep/room.ts"),
  allowed("src/sfu/deep/a.ts", "../../lib/emitter.ts"),
  allowed("src/sfu/a.ts", "mediasoup"),
  allowed("src/sfu/a.ts", "node:fs/promises"),
  allowed("src/e2ee/a.ts", "@noble/hashes/hkdf.js"),
  allowed("src/server/a.ts", "../turn/index.ts"),
  allowed("src/client/a.ts", "../e2ee/frame/index.ts"),
  {
    file: "src/web/a.tsx",
    line: 'export type { T } from "../protocol/index.ts";',
    rule: undefined,
  },
  { file: "src/config/a.ts", line: "export const home = process.env.HOME;", rule: undefined },
  { file: "src/cli/a.ts", line: 'console.log("here");', rule: undefined },
];

/** One file for each case, so that a report's file name says which case it answers. */
function fileOf({ file }: Case, index: number): string {
  return file.replace(/a\.(tsx?)$/, `case-${index}.$1`);
}

function lint(folder: string): Promise<Diagnostic[]> {
  const oxlint = join(projectRoot, "node_modules", "oxlint", "bin", "oxlint");
  const { promise, resolve, reject } = Promise.withResolvers<Diagnostic[]>();
  // It exits non-zero as it finds something, which is what we want.
  execFile(
    process.execPath,
    [oxlint, "-f", "json", "src", "loadtest"],
    { cwd: folder, timeout: 60_000 },
    (_e, stdout) => {
      try {
        resolve(JSON.parse(stdout).diagnostics);
      } catch (error) {
        reject(new Error(`oxlint said: ${stdout}`, { cause: error }));
      }
    },
  );
  return promise;
}

describe("the floors", () => {
  const folder = mkdtempSync(join(tmpdir(), "aparte-floors-"));
  let diagnostics: Diagnostic[] = [];
  after(() => rmSync(folder, { recursive: true }));

  before(async () => {
    for (const name of ["oxlint.config.ts", "package.json", "scripts/check/floors.ts"]) {
      cpSync(join(projectRoot, name), join(folder, name));
    }
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    cases.forEach((example, index) => {
      const path = join(folder, fileOf(example, index));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${example.line}\n`);
    });
    writeFileSync(join(folder, "src/lib/long.ts"), "export {};\n".repeat(401));
    writeFileSync(
      join(folder, "src/lib/ring-a.ts"),
      'export { b } from "./ring-b.ts";\nexport const a = 1;\n',
    );
    writeFileSync(
      join(folder, "src/lib/ring-b.ts"),
      'import { a } from "./ring-a.ts";\nexport const b = a;\n',
    );
    writeFileSync(
      join(folder, "src/lib/promise.ts"),
      "export async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}\n",
    );
    writeFileSync(join(folder, "src/lib/anything.ts"), "export const x: any = 1;\n");
    diagnostics = await lint(folder);
  });

  function rulesReportedFor(file: string): string[] {
    return diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);
  }

  cases.forEach((example, index) => {
    const verdict = example.rule === undefined ? "allows" : `refuses, by ${example.rule},`;
    it(`${verdict} ${example.file}: ${example.line}`, () => {
      const reported = rulesReportedFor(fileOf(example, index));
      if (example.rule === undefined) {
        const ruled = reported.filter((code) =>
          /restricted-imports|process-env|no-console/.test(code),
        );
        assert.deepEqual(ruled, []);
      } else assert.ok(reported.includes(example.rule), `reported: ${reported.join(", ")}`);
    });
  });

  it("refuses a file of more than 400 lines", () => {
    assert.deepEqual(
      rulesReportedFor("src/lib/long.ts").filter((c) => c.includes("max-lines")).length,
      1,
    );
  });

  it("refuses a ring of imports", () => {
    assert.ok(rulesReportedFor("src/lib/ring-a.ts").includes("import(no-cycle)"));
  });

  it("refuses a promise that nobody awaits", () => {
    assert.ok(rulesReportedFor("src/lib/promise.ts").includes("typescript(no-floating-promises)"));
  });

  it("refuses any", () => {
    assert.ok(rulesReportedFor("src/lib/anything.ts").includes("typescript(no-explicit-any)"));
  });

  it("has a place for every folder of src", () => {
    const folders = readdirSync(join(projectRoot, "src"), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => !floorNames.some((floor) => floor === name)),
      [],
    );
  });
});
