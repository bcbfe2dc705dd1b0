import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { Person } from "../support/call-browser.ts";
import { hears, seesColour, seesMoving, SHOWN } from "../support/call-senses.ts";
import { RunningService } from "../support/running-service.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
const TONES = { Ada: 440, Bob: 1_000, Cyd: 1_700 } as const;
const COLOUR_OF = { Ada: "red", Bob: "green", Cyd: "blue" } as const;
/** Far above the noise of an encoder, far below a tone. */
const HEARD_DB = -55;

type Name = keyof typeof TONES;

describe("three people in a call", () => {
  let service: RunningService;
  let ada: Person;
  let bob: Person;
  let cyd: Person;

  before(async () => {
    service = await RunningService.start({
      flags: ["--http-page-directory", PAGE, "--sfu-workers", "2"],
    });
    const link = createInvitationLink(service.origin);
    const at = (name: Name) =>
      Person.atBrowser(name, { colour: COLOUR_OF[name], toneHz: TONES[name] });
    [ada, bob, cyd] = await Promise.all([at("Ada"), at("Bob"), at("Cyd")]);
    for (const person of [ada, bob, cyd]) await person.join(link);
  });

  after(async () => {
    await Promise.all([ada, bob, cyd].map((person) => person.close()));
    assert.equal(await service.stop(), 0);
  });

  async function seesTheOthers(viewer: Person): Promise<void> {
    for (const other of [ada, bob, cyd]) {
      if (other === viewer) continue;
      const name = other.name as Name;
      await seesColour(viewer, name, SHOWN[COLOUR_OF[name]]);
      await seesMoving(viewer, name);
    }
  }

  /** Whether each tone is heard, or not, as `expected` says of its owner. */
  async function hearsExactly(listener: Person, expected: readonly Name[]): Promise<void> {
    const names: readonly Name[] = ["Ada", "Bob", "Cyd"];
    const endsAtMs = Date.now() + 15_000;
    for (;;) {
      const levels = await hears(
        listener,
        names.map((name) => TONES[name]),
      );
      const heard = names.filter((_, index) => (levels[index] ?? -Infinity) > HEARD_DB);
      if (heard.join() === expected.join()) return;
      if (Date.now() > endsAtMs) {
        assert.deepEqual(heard, expected, `${listener.name} hears ${levels.join(", ")} dB`);
      }
    }
  }

  it("see each other, each in their own colour, moving", async () => {
    for (const viewer of [ada, bob, cyd]) await seesTheOthers(viewer);
  });

  it("hear the others, and not themselves", async () => {
    await hearsExactly(ada, ["Bob", "Cyd"]);
    await hearsExactly(bob, ["Ada", "Cyd"]);
    await hearsExactly(cyd, ["Ada", "Bob"]);
  });

  it("see who is muted, and hear nothing of them", async () => {
    await bob.click("toggle-microphone");
    await ada.sees("Bob muted", () => {
      const tile = document.querySelector<HTMLElement>('[data-testid="tile"][data-name="Bob"]');
      return tile?.dataset["microphone"] === "muted";
    });
    await hearsExactly(ada, ["Cyd"]);
    await bob.click("toggle-microphone");
    await hearsExactly(ada, ["Bob", "Cyd"]);
  });

  it("see a shared screen until its sharing ends", async () => {
    await cyd.click("toggle-screen");
    await ada.sees("Cyd's screen", () => {
      const video = document.querySelector<HTMLVideoElement>(
        '[data-testid="tile"][data-kind="screen"][data-name="Cyd"] video',
      );
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 5;
    });
    await cyd.click("toggle-screen");
    await ada.sees(
      "no screen any more",
      () => document.querySelector('[data-testid="tile"][data-kind="screen"]') === null,
    );
  });

  it("are back after a reload, with picture and sound", async () => {
    await bob.page.reload();
    await bob.inCall();
    await seesTheOthers(bob);
    await seesTheOthers(ada);
    await hearsExactly(ada, ["Bob", "Cyd"]);
    await ada.sees(
      "Bob once",
      () => document.querySelectorAll('[data-testid="tile"][data-name="Bob"]').length === 1,
    );
  });

  it("see the tile go of who leaves", async () => {
    await cyd.click("leave");
    for (const viewer of [ada, bob]) {
      await viewer.sees(
        "no Cyd",
        () => document.querySelector('[data-testid="tile"][data-name="Cyd"]') === null,
      );
      await viewer.sees(
        "that two hold keys",
        () => document.querySelectorAll('[data-testid="tile"]').length === 2,
      );
    }
    await seesMoving(ada, "Bob");
  });

  it("have nothing to complain of", () => {
    for (const person of [ada, bob, cyd]) assert.deepEqual(person.errors, [], person.name);
    const complaints = service.log.filter(({ level }) => level === "error" || level === "warn");
    assert.deepEqual(complaints, []);
  });
});
