import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { fillMarkers, protocolTables } from "../../../scripts/docs/protocol-tables.ts";
import { ERROR_CODES, LIMITS, PROTOCOL_VERSION } from "../../../src/protocol/index.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";

const read = (name: string) => readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

/** Leaves out what the formatter adds to tables. */
function plain(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line.startsWith("|") ? line.replace(/-{3,}/g, "---").replace(/ +/g, " ") : line,
    )
    .join("\n");
}

describe("docs/protocol.md", () => {
  test("holds the fields of every message as the schemas have them", async () => {
    const page = await read("protocol.md");
    assert.equal(plain(page), plain(fillMarkers(page, protocolTables())));
    for (const name of protocolTables().keys()) {
      assert.ok(page.includes(`<!-- fields: ${name} -->`), `${name} is not there`);
    }
  });

  test("has a heading for every message", async () => {
    const headings = new Set((await read("protocol.md")).match(/^### .*$/gm));
    for (const name of protocolTables().keys()) {
      if (name.includes(":")) assert.ok(headings.has(`### \`${name}\``), name);
    }
  });

  test("names the version and the limits as they are", async () => {
    const page = await read("protocol.md");
    assert.ok(page.includes(`The protocol's version is ${PROTOCOL_VERSION}.`));
    assert.ok(page.includes(`at most ${LIMITS.textPacketBytes.toLocaleString("en")} bytes`));
    const defaults = new Map<string, unknown>(Object.entries(DEFAULT_SIGNALING_OPTIONS));
    const section = page.slice(page.indexOf("\n## Limits"));
    const named = [...section.matchAll(/`(\w+)` ([\d,]+)/g)];
    assert.ok(named.length >= 18);
    for (const [text, name = "", value = ""] of named) {
      assert.equal(Number(value.replaceAll(",", "")), defaults.get(name), text);
    }
  });

  test("speaks only of codes that there are", async () => {
    const page = await read("protocol.md");
    const refusals = [...page.matchAll(/^Refusals: [^]*?(?=\n\n)/gm)].join("\n");
    for (const [, code = ""] of refusals.matchAll(/`([a-z]+-[a-z-]+)`/g)) {
      assert.ok(
        ERROR_CODES.some((each) => each === code),
        code,
      );
    }
  });
});

describe("docs/errors.md", () => {
  test("explains every code once, and no other", async () => {
    const explained = [...(await read("errors.md")).matchAll(/^### `(.*)`$/gm)].map(
      ([, code]) => code,
    );
    assert.deepEqual(new Set(explained), new Set<string | undefined>(ERROR_CODES));
    assert.equal(explained.length, ERROR_CODES.length);
  });

  test("says of each code what a client does", async () => {
    for (const part of (await read("errors.md")).split(/^### /m).slice(1)) {
      assert.match(part, /_Do:_/, part.slice(0, 30));
    }
  });
});
