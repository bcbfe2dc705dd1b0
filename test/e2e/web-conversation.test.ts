import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Person } from "../support/call-browser.ts";
import { RunningService } from "../support/running-service.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));

describe("what people in a call tell each other", () => {
  let service: RunningService;
  let ada: Person;
  let bob: Person;
  let cyd: Person;
  let link: string;

  before(async () => {
    service = await RunningService.start({ flags: ["--http-page-directory", PAGE] });
    link = createInvitationLink(service.origin);
    [ada, bob, cyd] = await Promise.all([
      Person.atBrowser("Ada", { colour: "red", toneHz: 440 }),
      Person.atBrowser("Bob", { colour: "green", toneHz: 1_000 }),
      Person.atBrowser("Cyd", { colour: "blue", toneHz: 1_700 }),
    ]);
    await ada.join(link);
    await bob.join(link);
  });

  after(async () => {
    await Promise.all([ada, bob, cyd].map((person) => person.close()));
    assert.equal(await service.stop(), 0);
  });

  const read = (person: Person, testId: string) =>
    person.page.$eval(
      `[data-testid="${testId}"]`,
      (element) => element.getAttribute("data-digits") ?? "",
    );

  async function text(person: Person, testId: string): Promise<string> {
    const element = await person.page.waitForSelector(`[data-testid="${testId}"]`);
    return (await element?.evaluate(({ textContent }) => textContent)) ?? "";
  }

  async function seesHand(viewer: Person, name: string, place: string): Promise<void> {
    await viewer.sees(
      `${name}'s hand in place ${place}`,
      (who: string, where: string) =>
        document.querySelector<HTMLElement>(`[data-testid="tile"][data-name="${who}"]`)?.dataset[
          "hand"
        ] === where,
      name,
      place,
    );
  }

  /** Opens the people and shows the number that `viewer` shares with `name`. */
  async function safetyNumber(viewer: Person, name: string): Promise<string> {
    if ((await viewer.page.$('[data-testid="people-panel"]')) === null) {
      await viewer.click("toggle-people");
    }
    const row = `[data-testid="person"][data-name="${name}"]`;
    const button = await viewer.page.waitForSelector(
      `${row} [data-testid="verify"]:not([disabled])`,
    );
    await button?.click();
    const number = await viewer.page.waitForSelector(`${row} [data-testid="safety-number"]`);
    return (await number?.evaluate((element) => element.getAttribute("data-digits"))) ?? "";
  }

  async function hasStanding(viewer: Person, name: string, standing: string): Promise<void> {
    await viewer.sees(
      `${name} as ${standing}`,
      (who: string, wanted: string) =>
        document.querySelector<HTMLElement>(`[data-testid="tile"][data-name="${who}"]`)?.dataset[
          "standing"
        ] === wanted,
      name,
      standing,
    );
  }

  it("hands are raised in an order that newcomers learn too", async () => {
    await bob.page.keyboard.press("h");
    await seesHand(ada, "Bob", "1");
    await cyd.join(link);
    await seesHand(cyd, "Bob", "1");
    await ada.click("toggle-hand");
    for (const person of [bob, cyd]) await seesHand(person, "Ada", "2");
    await bob.click("toggle-hand");
    for (const person of [ada, cyd]) await seesHand(person, "Ada", "1");
  });

  it("a message reaches everybody, with its sender's name, and counts as unread", async () => {
    await bob.click("toggle-chat");
    await bob.page.waitForSelector('[data-testid="chat-field"]:focus');
    await bob.page.keyboard.type("See https://example.org/ <b>now</b>");
    await bob.page.keyboard.press("Enter");
    for (const person of [ada, cyd]) {
      await person.page.waitForSelector('[data-testid="unread"]');
      await person.click("toggle-chat");
    }
    for (const person of [ada, bob, cyd]) {
      await person.page.waitForSelector('[data-testid="chat-text"]');
      const shown = await person.page.$eval('[data-testid="chat-message"]', (element) => ({
        text: element.querySelector('[data-testid="chat-text"]')?.textContent,
        name: element.querySelector(".chat-name")?.textContent,
        links: [...element.querySelectorAll("a")].map(({ href }) => href),
      }));
      assert.deepEqual(shown, {
        text: "See https://example.org/ <b>now</b>",
        name: person === bob ? "You" : "Bob",
        links: ["https://example.org/"],
      });
      await person.click("close-panel");
    }
  });

  it("a reaction shows on the sender's tile, and goes", async () => {
    await cyd.click("react");
    await cyd.click("reaction-🎉");
    const tile = '[data-testid="tile"][data-name="Cyd"] [data-testid="tile-reaction"]';
    await ada.page.waitForSelector(tile);
    await ada.page.waitForSelector(tile, { hidden: true, timeout: 10_000 });
  });

  it("the code of the call is the same on every screen", async () => {
    const endsAtMs = Date.now() + 10_000;
    let codes: string[] = [];
    do {
      codes = await Promise.all([ada, bob, cyd].map((person) => read(person, "epoch-code")));
    } while (new Set(codes).size > 1 && Date.now() < endsAtMs);
    assert.match(codes[0] ?? "", /^\d{30}$/);
    assert.equal(new Set(codes).size, 1);
    const pictures = await Promise.all(
      [ada, bob, cyd].map((person) =>
        person.page.$eval('[data-testid="epoch-emoji"]', (element) => element.textContent),
      ),
    );
    assert.equal(new Set(pictures).size, 1);
  });

  it("both sides of a pair see the same number, and no other pair does", async () => {
    const [ofAda, ofBob, other] = await Promise.all([
      safetyNumber(ada, "Bob"),
      safetyNumber(bob, "Ada"),
      safetyNumber(cyd, "Ada"),
    ]);
    assert.match(ofAda, /^\d{45}$/);
    assert.equal(ofAda, ofBob);
    assert.notEqual(ofAda, other);
  });

  it("an identity that is kept is known again; another one is warned of", async () => {
    await ada.click("settings");
    await ada.click("keep-identity");
    await ada.page.keyboard.press("Escape");
    const comesBack = async () => {
      // The row of her last stay remains until she is shut out, which is after she came back.
      await bob.page.evaluate(() => {
        for (const row of document.querySelectorAll('[data-testid="person"][data-name="Ada"]')) {
          row.setAttribute("data-last-stay", "");
        }
      });
      await ada.page.reload();
      await ada.inCall();
      await bob.sees("the new Ada alone", () => {
        const rows = [...document.querySelectorAll('[data-testid="person"][data-name="Ada"]')];
        return rows.length === 1 && rows.every((row) => !row.hasAttribute("data-last-stay"));
      });
    };
    await comesBack();
    const number = await safetyNumber(bob, "Ada");
    await bob.page.click('[data-testid="person"][data-name="Ada"] [data-testid="mark-verified"]');
    await hasStanding(bob, "Ada", "verified");
    await comesBack();
    await hasStanding(bob, "Ada", "verified");
    assert.equal(await safetyNumber(bob, "Ada"), number);
    await ada.click("settings");
    await ada.click("keep-identity");
    await ada.page.keyboard.press("Escape");
    await comesBack();
    await hasStanding(bob, "Ada", "changed");
    assert.notEqual(await safetyNumber(bob, "Ada"), number);
  });

  it("a locked call lets nobody in, and everybody sees who locked it", async () => {
    await bob.click("toggle-lock");
    await ada.sees("that Bob locked the call", () =>
      /Bob locked the call/u.test(document.body.textContent),
    );
    await cyd.click("leave");
    await bob.sees(
      "no Cyd",
      () => document.querySelector('[data-testid="person"][data-name="Cyd"]') === null,
    );
    await cyd.click("rejoin");
    assert.match(await text(cyd, "join-problem"), /The call is locked/u);
    await bob.click("toggle-lock");
    await bob.page.waitForSelector('[data-testid="lock-state"][data-locked="false"]');
    await cyd.click("join");
    await cyd.inCall();
  });

  it("who is removed is out, sees why, and can't come back by the link", async () => {
    const row = '[data-testid="person"][data-name="Cyd"]';
    await bob.page.waitForSelector(row);
    await bob.page.click(`${row} [data-testid="kick"]`);
    await bob.page.click(`${row} [data-testid="kick-confirm"]`);
    assert.match(await text(cyd, "ended"), /removed you/u);
    assert.equal(await cyd.page.$('[data-testid="rejoin"]'), null);
    await ada.sees("that Bob removed Cyd", () =>
      /Bob removed Cyd/u.test(document.body.textContent),
    );
    await cyd.page.goto("about:blank");
    await cyd.page.goto(link);
    await cyd.click("join");
    assert.match(await text(cyd, "join-problem"), /This link lets nobody in any more/u);
    // Those who stay have the new link, and come back by it.
    assert.notEqual(ada.page.url(), link);
    await ada.page.reload();
    await ada.inCall();
    await bob.sees(
      "Ada back, and nobody else",
      () => document.querySelectorAll('[data-testid="person"]').length === 2,
    );
  });

  it("nobody's page complained", () => {
    for (const person of [ada, bob, cyd]) assert.deepEqual(person.errors, [], person.name);
  });
});
