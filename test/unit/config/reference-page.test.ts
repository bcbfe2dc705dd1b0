import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { settings } from "../../../src/config/catalogue.ts";
import { referencePage } from "../../../src/config/index.ts";

describe("the reference page", () => {
  it("is what docs/configuration.md holds (mend: aparte config > docs/configuration.md)", () => {
    const held = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    assert.equal(held, referencePage());
  });

  it("has every name of every setting, and a meaning", () => {
    const page = referencePage();
    for (const setting of settings) {
      assert.ok(page.includes(`### \`${setting.key}\`\n\n${setting.description}\n`));
      assert.ok(page.includes(`\`${setting.variable}\``));
      assert.match(setting.description, /^[A-Z0-9`].*\.$/s);
    }
    assert.doesNotMatch(page, /undefined|null/);
  });
});
