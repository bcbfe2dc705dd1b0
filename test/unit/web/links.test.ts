import assert from "node:assert/strict";
import { test } from "node:test";
import { findLinks } from "../../../src/web/state/links.ts";

const links = (text: string) =>
  findLinks(text).flatMap((piece) => (piece.kind === "link" ? [[piece.text, piece.href]] : []));

test("addresses are found where they end, and nothing of the text is lost", () => {
  const text = "See https://example.org/a?b=1#c, or (http://example.com/x_(y)). Bye";
  assert.deepEqual(links(text), [
    ["https://example.org/a?b=1#c", "https://example.org/a?b=1#c"],
    ["http://example.com/x_(y)", "http://example.com/x_(y)"],
  ]);
  assert.equal(
    findLinks(text)
      .map((piece) => piece.text)
      .join(""),
    text,
  );
});

test("nothing but http and https is a link", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,<b>",
    "ftp://example.org",
    "example.org",
    "https://",
    "<a href=x>",
    "",
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("what is shown is where it leads", () => {
  assert.deepEqual(links("https://bank.example@elsewhere.example/"), []);
  const [cyrillic] = links("https://аррӏе.com/");
  assert.match(cyrillic?.[0] ?? "", /^https:\/\/xn--/u);
  assert.equal(cyrillic?.[0], cyrillic?.[1]);
});
