import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { measure, type Box, type Measures } from "../support/web-preview/measure.ts";
import { openPreview, type Preview } from "../support/web-preview/open-preview.ts";

const DESKTOP = { width: 1440, height: 900 };
const TABLET = { width: 1024, height: 768 };
const UPRIGHT = { width: 390, height: 844 };
const SIDEWAYS = { width: 844, height: 390 };
const SMALLEST = { width: 320, height: 568 };
const SIZES = [DESKTOP, TABLET, UPRIGHT, SIDEWAYS, SMALLEST];

let preview: Preview;
before(async () => {
  preview = await openPreview();
});
after(async () => {
  assert.deepEqual(preview.errors, []);
  await preview.close();
});

const overlap = (a: Box, b: Box) =>
  a.left < b.right - 0.5 &&
  b.left < a.right - 0.5 &&
  a.top < b.bottom - 0.5 &&
  b.top < a.bottom - 0.5;

function assertNoOverlap(boxes: readonly Box[]): void {
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      assert.ok(!overlap(a, b), `${a.what} and ${b.what} overlap`);
    }
  }
}

function assertInWindow({ window, controls, scrollWidth }: Measures, sideways = false): void {
  assert.ok(scrollWidth <= window.width, "the page scrolls sideways");
  for (const { what, left, top, right, bottom } of controls) {
    assert.ok(left >= 0 && right <= window.width, `${what} leaves the window`);
    if (!sideways) assert.ok(top >= 0 && bottom <= window.height, `${what} is out of view`);
  }
}

const area = ({ left, top, right, bottom }: Box) => (right - left) * (bottom - top);

for (const size of SIZES) {
  const name = `${size.width}×${size.height}`;

  test(`people fill the call without overlap at ${name}`, async () => {
    for (const others of [0, 1, 2, 3, 4, 8, 24, 59]) {
      await preview.show(`screen=call&others=${others}`, size);
      await preview.page.waitForSelector("[data-testid=tile]");
      const measures = await measure(preview.page);
      const { stage, tiles } = measures;
      assert.ok(stage);
      assert.equal(tiles.length, others + 1);
      assertInWindow(measures);
      assertNoOverlap(tiles.filter(({ floating }) => !floating));
      assertNoOverlap([stage, ...measures.controls.filter(({ what }) => isOfBar(what))]);
      assert.deepEqual(measures.captionsOutside, []);
      const filled = tiles.reduce((sum, tile) => sum + area(tile), 0) / area(stage);
      assert.ok(filled > 0.6, `${others + 1} tiles fill ${filled.toFixed(2)} of the stage`);
    }
  });

  test(`a shared screen has the stage at ${name}`, async () => {
    await preview.show("screen=call&others=6&screens=1", size);
    await preview.page.waitForSelector("[data-kind=screen]");
    const measures = await measure(preview.page);
    const { stage, tiles } = measures;
    const [screen] = tiles;
    assert.ok(stage && screen);
    assertInWindow(measures);
    assertNoOverlap(tiles);
    assert.ok(area(screen) / area(stage) > 0.6);
  });

  test(`home, lobby and messages fit at ${name}`, async () => {
    for (const query of [
      "screen=home",
      "screen=lobby",
      "screen=lobby&denied",
      "unsupported",
      "screen=connection-test&found=limited",
    ]) {
      await preview.show(query, size);
      const measures = await measure(preview.page);
      assertInWindow(measures, true);
      assertNoOverlap(measures.controls);
    }
  });
}

/** The buttons around the stage, not those that lie on it. */
function isOfBar(what: string): boolean {
  return [
    "toggle-microphone",
    "toggle-camera",
    "toggle-screen",
    "toggle-hand",
    "react",
    "leave",
    "toggle-chat",
    "toggle-people",
    "copy-link",
    "settings",
    "lock",
  ].includes(what);
}

test("no view has what axe-core calls a serious fault, dark or light", async () => {
  for (const scheme of ["dark", "light"]) {
    for (const query of [
      "screen=home",
      "screen=lobby",
      "screen=lobby&denied",
      "unsupported",
      "screen=connection-test&found=running",
      "screen=connection-test&found=limited&denied",
      "screen=connection-test&found=impossible",
      "screen=call",
      "screen=call&others=8&troubled",
      "screen=call&others=15&phase=reconnecting",
      "screen=call&others=3&screens=1",
      "screen=call&others=4&signs&frozen",
    ]) {
      await preview.show(query, DESKTOP);
      await preview.page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: scheme },
        { name: "prefers-reduced-motion", value: "reduce" },
      ]);
      const faults = await preview.page.evaluate(async () => window.preview.audit());
      assert.deepEqual(faults, [], `${query} (${scheme})`);
    }
  }
});

test("lock, signs, settings and the end have no serious fault either", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=2", UPRIGHT);
  for (const testId of ["lock", "react", "settings", "leave"]) {
    await page.waitForSelector(`[data-testid=${testId}]`);
    await page.click(`[data-testid=${testId}]`);
    assert.deepEqual(await page.evaluate(async () => window.preview.audit()), [], testId);
    await page.keyboard.press("Escape");
  }
  assert.ok(await page.$("[data-testid=ended]"));
});

test("Tab leads through the call in the order in which it is seen", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=3", DESKTOP);
  await page.waitForSelector("[data-testid=call]");
  const visited: (string | null)[] = [];
  for (let press = 0; press < 11; press += 1) {
    await page.keyboard.press("Tab");
    visited.push(
      await page.evaluate(() => document.activeElement?.getAttribute("data-testid") ?? null),
    );
  }
  assert.deepEqual(visited, [
    "lock",
    "toggle-microphone",
    "toggle-camera",
    "toggle-screen",
    "toggle-hand",
    "react",
    "leave",
    "toggle-chat",
    "toggle-people",
    "copy-link",
    "settings",
  ]);
});

test("keys act on the call, but not in the settings, and not when they are turned off", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=3", DESKTOP);
  await page.waitForSelector("[data-testid=tile][data-self=true][data-microphone=on] video");
  await page.keyboard.press("m");
  await page.waitForSelector("[data-testid=tile][data-self=true][data-microphone=muted]");
  await page.keyboard.down("Space");
  await page.waitForSelector("[data-testid=tile][data-self=true][data-microphone=on]");
  await page.keyboard.up("Space");
  await page.waitForSelector("[data-testid=tile][data-self=true][data-microphone=muted]");
  await page.click("[data-testid=settings]");
  await page.keyboard.press("v");
  assert.ok(await page.$("[data-testid=tile][data-self=true] video"));
  await page.click("[data-testid=shortcuts]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("v");
  assert.ok(await page.$("[data-testid=tile][data-self=true] video"));
  assert.ok(await page.$("dialog:not([open])"));
});

test("the whole way by keyboard: new call, name, join, leave, rejoin", async () => {
  const { page } = preview;
  await preview.show("screen=home", DESKTOP);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=name]:focus");
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=call]");
  assert.match(await page.title(), /Alone in the call/u);
  await page.focus("[data-testid=leave]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=ended]");
  assert.match(await page.title(), /Call ended/u);
  await page.keyboard.press("Tab");
  await page.evaluate(() => {
    window.preview.call.change({ phase: "joined", end: null });
  });
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=call]");
});

test("only pictures that are in view are asked for", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=100", UPRIGHT);
  await page.waitForSelector("[data-testid=tile]");
  const asked = async () =>
    page.evaluate(() => {
      const last = new Map(window.preview.call.shown.map(([who, , size]) => [who, size !== null]));
      return [...last.values()].filter(Boolean).length;
    });
  await page.waitForFunction(() => window.preview.call.shown.some(([, , size]) => size === null), {
    timeout: 10_000,
  });
  await page.waitForFunction(
    () => {
      const last = new Map(window.preview.call.shown.map(([who, , size]) => [who, size !== null]));
      return [...last.values()].filter(Boolean).length < 60;
    },
    { timeout: 10_000 },
  );
  assert.ok((await asked()) >= 12);
});

for (const size of SIZES) {
  const name = `${size.width}×${size.height}`;

  test(`chat and people fit beside the call, or before it, at ${name}`, async () => {
    const { page } = preview;
    for (const panel of ["chat", "people"]) {
      await preview.show("screen=call&others=8&signs", size);
      await page.click(`[data-testid=toggle-${panel}]`);
      await page.waitForSelector(`[data-testid=${panel}-panel]`);
      const measures = await measure(page);
      assertInWindow(measures, panel === "people");
      assert.deepEqual(await page.evaluate(async () => window.preview.audit()), [], panel);
      const box = await page.$eval(`[data-testid=${panel}-panel]`, (element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return { what: "panel", left, top, right, bottom };
      });
      const isPhone = Math.min(size.width, size.height) < 500;
      if (isPhone) {
        assert.deepEqual(box, {
          what: "panel",
          left: 0,
          top: 0,
          right: size.width,
          bottom: size.height,
        });
        const others = measures.controls.filter(({ what }) => isOfBar(what));
        assert.deepEqual(others, [], "what is behind the panel can be reached");
      } else {
        assertNoOverlap([box, ...measures.tiles]);
        assertNoOverlap([box, ...measures.controls.filter(({ what }) => isOfBar(what))]);
      }
    }
  });
}

test("a chat by keyboard: open, write, send, close, and back where one was", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=2", DESKTOP);
  await page.waitForSelector("[data-testid=call]");
  await page.focus("[data-testid=toggle-chat]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=chat-field]:focus");
  await page.keyboard.type("m is no shortcut here");
  await page.keyboard.down("Shift");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Shift");
  await page.keyboard.type("https://example.org/?q=1.");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=chat-text]");
  const link = await page.$eval("[data-testid=chat-text] a", (element) => ({
    href: element.getAttribute("href"),
    rel: element.getAttribute("rel"),
    target: element.getAttribute("target"),
  }));
  assert.deepEqual(link, {
    href: "https://example.org/?q=1",
    rel: "noopener noreferrer",
    target: "_blank",
  });
  assert.ok(await page.$("[data-testid=tile][data-self=true][data-microphone=on]"));
  await page.keyboard.press("Escape");
  await page.waitForSelector("[data-testid=chat-panel]", { hidden: true });
  await page.waitForSelector("[data-testid=toggle-chat]:focus");
  await page.evaluate(() => {
    window.preview.call.hear({ participantId: "p", name: "Ada", text: "<img src=x> hello" });
  });
  await page.waitForSelector("[data-testid=unread]");
  assert.match(
    await page.$eval("[data-testid=notices]", (element) => element.textContent),
    /Ada: <img src=x> hello/u,
  );
});

test("who is verified is marked, and who changed is warned of", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=2", DESKTOP);
  await page.click("[data-testid=toggle-people]");
  await page.waitForSelector("[data-testid=verify]");
  await page.click("[data-testid=verify]");
  await page.waitForSelector("[data-testid=safety-number]");
  assert.equal(
    await page.$eval(
      "[data-testid=safety-number]",
      (element) => element.getAttribute("data-digits")?.length,
    ),
    45,
  );
  await page.click("[data-testid=mark-verified]");
  await page.waitForSelector("[data-testid=tile][data-standing=verified]");
  await page.evaluate(() => {
    const { call, app } = window.preview;
    const [ada, ...others] = call.state.participants;
    if (ada === undefined) return;
    app.people.setVerified(ada.name, { key: "another", kept: true }, true);
    const changed = { ...ada, identity: { key: "a third", kept: true } };
    call.change({ participants: [changed, ...others] });
  });
  await page.waitForSelector("[data-testid=tile][data-standing=changed]");
  await page.waitForSelector("[data-testid=person][data-standing=changed]");
});

test("nobody is removed without a question, and a lock shows", async () => {
  const { page } = preview;
  await preview.show("screen=call&others=2", UPRIGHT);
  await page.click("[data-testid=toggle-people]");
  await page.waitForSelector("[data-testid=kick]");
  await page.click("[data-testid=kick]");
  await page.waitForSelector("dialog[open] [data-testid=kick-confirm]");
  assert.deepEqual(await page.evaluate(async () => window.preview.audit()), []);
  await page.click("dialog[open] [data-testid=kick-cancel]");
  await page.click("[data-testid=kick]");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog[open]", { hidden: true });
  assert.ok(
    await page.$("[data-testid=people-panel]"),
    "Escape closes the question, not the panel",
  );
  assert.equal((await page.$$("[data-testid=person]")).length, 3);
  await page.click("[data-testid=kick]");
  await page.click("dialog[open] [data-testid=kick-confirm]");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=person]").length === 2);
  await page.click("[data-testid=toggle-lock]");
  await page.waitForSelector("[data-testid=lock-state][data-locked=true]");
  assert.deepEqual(await page.evaluate(async () => window.preview.audit()), []);
});
