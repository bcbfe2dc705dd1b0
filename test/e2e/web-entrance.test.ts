import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createInvitationLink } from "../../src/client/invitations.ts";
import { RunningService } from "../support/running-service.ts";
import { BROWSERS, visit, type Visitor } from "../support/web-preview/visitor.ts";

const PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));

let service: RunningService;
before(async () => {
  service = await RunningService.start({ flags: ["--http-page-directory", PAGE] });
});
after(async () => {
  assert.equal(await service.stop(), 0);
});

async function visitor(context: TestContext, flags: readonly string[]): Promise<Visitor> {
  const somebody = await visit(flags);
  context.after(() => somebody.close());
  return somebody;
}

test("from the front page to a call, and back into it after a reload", async (context) => {
  const somebody = await visitor(context, BROWSERS.twoCameras);
  const { page } = somebody;
  await page.goto(service.origin);
  await somebody.click("new-call");
  await page.waitForSelector("[data-testid=preview] video");
  assert.match(page.url(), /#.{20,}/u);
  const secret = new URL(page.url()).hash.slice(1);

  // A device that is chosen is used at once, and remembered.
  const [first, second] = await page.$$eval("[data-testid=camera-choice] option", (options) =>
    options.map((option) => option.value),
  );
  assert.ok(first && second);
  await page.select("[data-testid=camera-choice]", second);
  const chosen = async () => {
    await page.waitForFunction(
      (deviceId) => {
        const video = document.querySelector<HTMLVideoElement>("[data-testid=preview] video");
        const stream = video?.srcObject;
        if (!(stream instanceof MediaStream)) return false;
        return stream.getVideoTracks()[0]?.getSettings().deviceId === deviceId;
      },
      { timeout: 10_000 },
      second,
    );
  };
  await chosen();
  await page.reload();
  await chosen();

  await page.type("[data-testid=name]", "Ada");
  await somebody.click("join");
  await page.waitForSelector("[data-testid=call][data-phase=joined]");
  await page.keyboard.press("m");
  await page.keyboard.press("v");
  await page.waitForSelector("[data-testid=tile][data-microphone=muted]");
  await page.reload();
  // Nobody clicks: the page goes back in by itself, as muted and unseen as before.
  await page.waitForSelector("[data-testid=call][data-phase=joined]");
  assert.equal(await page.$("[data-testid=tile] video"), null);
  assert.equal(await page.$("[data-testid=tile][data-microphone=on]"), null);

  assert.deepEqual(somebody.errors, []);

  // The back button is no reload: it leads into no call by surprise, whether the browser kept the
  // page (it was left, and says so) or loads it anew.
  await page.goto("about:blank");
  await page.goBack();
  await page.waitForSelector("[data-testid=lobby], [data-testid=ended]");
  if ((await page.$("[data-testid=ended]")) !== null) {
    assert.match(await somebody.text("ended"), /You left the call/u);
    await somebody.click("to-lobby");
  }
  await page.waitForSelector("[data-testid=name][value=Ada]");

  const leaked = somebody.requests.filter((url) =>
    new URL(url).href.split("#")[0]?.includes(secret),
  );
  assert.deepEqual(leaked, []);
});

test("a call with post-quantum signatures is begun where that is chosen", async (context) => {
  const somebody = await visitor(context, BROWSERS.twoCameras);
  const { page } = somebody;
  await page.goto(service.origin);
  const isChosen = () =>
    page.$eval("[data-testid=post-quantum-signatures]", (box) => box.matches(":checked"));
  assert.equal(await isChosen(), false);
  await somebody.click("new-call-options");
  await somebody.click("post-quantum-signatures");
  await somebody.click("new-call");
  await page.waitForSelector("[data-testid=preview] video");
  assert.match(page.url(), /#3[\w-]{43}$/u);
  await page.type("[data-testid=name]", "Ada");
  await somebody.click("join");
  await page.waitForSelector("[data-testid=call][data-phase=joined]");
  await somebody.click("lock");
  assert.match(await somebody.text("lock-popover"), /ML-DSA-87/u);

  // The choice is kept, and may be taken back.
  await page.goto("about:blank");
  await page.goto(service.origin);
  assert.equal(await isChosen(), true);
  await somebody.click("post-quantum-signatures");
  await somebody.click("new-call");
  await page.waitForSelector("[data-testid=preview] video");
  assert.match(page.url(), /#1[\w-]{43}$/u);
});

test("refused devices are explained, and the call can be joined without them", async (context) => {
  const somebody = await visitor(context, BROWSERS.refusing);
  await somebody.page.goto(createInvitationLink(service.origin));
  assert.match(await somebody.text("capture-problem"), /may not use your microphone and camera/u);
  await somebody.click("join");
  await somebody.page.waitForSelector("[data-testid=call][data-phase=joined]");
  await somebody.page.waitForSelector("[data-testid=tile][data-microphone=none]");
  // To ask again is answered in words, not by silence.
  await somebody.click("toggle-microphone");
  assert.match(await somebody.text("notices"), /may not use your microphone/u);
});

test("a machine without devices is told so, and can join", async (context) => {
  const somebody = await visitor(context, BROWSERS.withoutDevices);
  await somebody.page.goto(createInvitationLink(service.origin));
  assert.match(await somebody.text("capture-problem"), /No microphone and camera were found/u);
  await somebody.click("join");
  await somebody.page.waitForSelector("[data-testid=call][data-phase=joined]");
});

test("a link that lost a part, an insecure page and an old browser are told apart", async (context) => {
  const somebody = await visitor(context, BROWSERS.twoCameras);
  const { page } = somebody;
  const link = createInvitationLink(service.origin);
  await page.goto(link.slice(0, -5));
  assert.match(await somebody.text("home-problem"), /not complete/u);

  await page.goto(link.replace("127.0.0.1", "aparte.test"));
  assert.match(await somebody.text("unsupported"), /https/u);

  await page.evaluateOnNewDocument(() => {
    Reflect.deleteProperty(window, "RTCRtpScriptTransform");
    Reflect.deleteProperty(RTCRtpSender.prototype, "createEncodedStreams");
  });
  await page.goto(link);
  assert.match(await somebody.text("unsupported"), /Firefox 117/u);
});

test("who hides their address goes through the relay, also after a reload, until they change their mind", async (context) => {
  const somebody = await visitor(context, BROWSERS.twoCameras);
  const { page } = somebody;
  await page.goto(createInvitationLink(service.origin));
  await somebody.click("always-relay");
  await page.reload();
  await page.waitForSelector("[data-testid=always-relay]:checked");
  await somebody.click("join");
  await page.waitForSelector("[data-testid=call][data-phase=joined]");
  await untilRelaying(true);
  await somebody.click("settings");
  await somebody.click("always-relay");
  await untilRelaying(false);
  assert.deepEqual(somebody.errors, []);
});

/** Until media flows through the service's own relay, or no more. */
async function untilRelaying(relaying: boolean): Promise<void> {
  const endsAtMs = Date.now() + 20_000;
  for (;;) {
    const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
    const count = Number(/^aparte_turn_current\{what="permissions"\} (\d+)/m.exec(figures)?.[1]);
    if (count > 0 === relaying) return;
    assert.ok(Date.now() < endsAtMs, `${count} peers are relayed to`);
    await delay(50);
  }
}
