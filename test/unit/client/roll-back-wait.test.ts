import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { awaitRollBack } from "../../../src/client/group/roll-back-wait.ts";
import { Emitter } from "../../../src/lib/emitter.ts";
import { Scope } from "../../../src/lib/scope.ts";
import type { NotificationPayloads } from "../../../src/protocol/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const TAG = "AAAAAAAAAAAAAAAAAAAAAA";
const PATIENCE_MS = 3_000;

function waiting() {
  const clock = new ManualClock();
  const scope = new Scope("test", clock);
  const notifications = new Emitter<NotificationPayloads>();
  let late = 0;
  awaitRollBack({ notifications }, scope, 7, PATIENCE_MS, () => (late += 1));
  const isGone = () =>
    clock.pending === 0 && notifications.listenerCount("group:rolled-back") === 0;
  const takeBackTo = (epoch: number) =>
    notifications.emit("group:rolled-back", { epoch, tag: TAG });
  return { clock, scope, takeBackTo, isGone, late: () => late };
}

describe("waiting for a commit to be taken back", () => {
  it("ends when it is, and leaves nothing behind", () => {
    const { clock, takeBackTo, isGone, late } = waiting();
    takeBackTo(8);
    assert.ok(!isGone());
    takeBackTo(7);
    assert.ok(isGone());
    clock.advance(PATIENCE_MS);
    assert.equal(late(), 0);
  });

  it("ends when nobody else refuses, and leaves nothing behind", () => {
    const { clock, takeBackTo, isGone, late } = waiting();
    clock.advance(PATIENCE_MS);
    assert.equal(late(), 1);
    assert.ok(isGone());
    takeBackTo(7);
    assert.equal(late(), 1);
  });

  it("ends with its scope, which keeps nothing of those that are over", () => {
    const { scope, isGone, late } = waiting();
    scope.end("test");
    assert.ok(isGone());
    assert.equal(late(), 0);
  });

  it("is forgotten by its scope: many refusals pile nothing up", () => {
    const clock = new ManualClock();
    const scope = new Scope("test", clock);
    const notifications = new Emitter<NotificationPayloads>();
    let disposed = 0;
    const counting = { on: notifications.on.bind(notifications) };
    for (let refusal = 0; refusal < 50; refusal += 1) {
      const spied = Object.assign(new Emitter<NotificationPayloads>(), {
        on: (...args: Parameters<typeof counting.on>) => {
          const remove = counting.on(...args);
          return () => {
            disposed += 1;
            remove();
          };
        },
      });
      awaitRollBack({ notifications: spied }, scope, 7, PATIENCE_MS, () => undefined);
      notifications.emit("group:rolled-back", { epoch: 7, tag: TAG });
    }
    assert.equal(disposed, 50);
    scope.end("test");
    assert.equal(disposed, 50, "what is over is not ended again");
  });
});
