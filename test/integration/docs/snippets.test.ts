import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SNIPPET = /^```ts\n(.*?)^```$/gms;

/** The pages that show code, and the code that they show. */
async function snippets(): Promise<Map<string, string>> {
  const docs = await readdir(join(ROOT, "docs"));
  const pages = [
    "README.md",
    ...docs.filter((name) => name.endsWith(".md")).map((n) => `docs/${n}`),
  ];
  const found = new Map<string, string>();
  for (const page of pages) {
    const text = await readFile(join(ROOT, page), "utf8");
    for (const [index, [, code = ""]] of [...text.matchAll(SNIPPET)].entries()) {
      found.set(`${page.replaceAll(/\W/g, "-")}-${index + 1}.ts`, `${code}\nexport {};\n`);
    }
  }
  return found;
}

it("what the documents show compiles", async () => {
  const found = await snippets();
  assert.ok(found.size >= 2, "the documents show no code");
  // Within the project, where its own name can be imported.
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  const folder = await mkdtemp(join(ROOT, ".cache", "snippets-"));
  try {
    for (const [name, code] of found) await writeFile(join(folder, name), code);
    const configuration = { extends: "../../tsconfig.browser.json", include: ["."], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration));
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, "-p", folder], {
      timeout: 60_000,
    }).catch((error: unknown) => {
      const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
      return assert.fail(`the code in the documents does not compile:\n${said}`);
    });
    assert.equal(stdout, "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
