import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect } from "node:tls";
import { systemClock } from "../../../src/lib/clock.ts";
import type { TurnCredential } from "../../../src/turn/credentials.ts";
import { issueCredential } from "../../../src/turn/credentials.ts";
import type { TurnListenerAddress } from "../../../src/turn/turn-engine.ts";
import { turnEngineNames } from "../../../src/turn/turn-options.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import { TurnClient } from "../../support/turn-client.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { secret } from "../../support/turn-lab-options.ts";

const newSecret = "a third secret, for after the rotation, long enough";

for (const engine of turnEngineNames) {
  test(`${engine}: secrets change while it runs, and allocations outlive theirs`, async (t) => {
    const lab = await EngineLab.open(t, engine);
    const client = await lab.client();
    assert.ok((await client.allocate()).ok);
    lab.engine.useSecrets([newSecret, secret]);
    const fresh = issueCredential(
      { secret: newSecret, id: "bob", lifetimeMs: 60_000 },
      systemClock,
    );
    await untilAccepted(lab, fresh);
    assert.ok((await (await lab.client("carol")).allocate()).ok, "the old one still is");
    lab.engine.useSecrets([newSecret]);
    await untilRefused(lab);
    assert.ok((await client.refresh(600)).ok, "the allocation stays");
    assert.equal(lab.engine.stats().restarts, 0);
    assert.throws(() => lab.engine.useSecrets(["short"]), { code: "bad-options" });
  });

  test(`${engine}: the certificate changes while it runs`, async (t) => {
    const [first, second] = [await makeCertificate(), await makeCertificate()];
    const lab = await EngineLab.open(t, engine, {
      listeners: [{ protocol: "tls", address: "127.0.0.1", port: 0, tls: first }],
    });
    const client = await lab.client();
    assert.ok((await client.allocate()).ok);
    const before = await fingerprintAt(lab.listener());
    lab.engine.useCertificate(second);
    const endsAt = Date.now() + 20_000;
    while ((await fingerprintAt(lab.listener())) === before) {
      assert.ok(Date.now() < endsAt, "the new one is shown");
    }
    assert.ok((await client.refresh(600)).ok, "connections stay");
    assert.throws(() => lab.engine.useCertificate({ cert: "none", key: "none" }), {
      code: "bad-options",
    });
  });
}

async function untilAccepted(lab: EngineLab, credential: TurnCredential): Promise<void> {
  const endsAt = Date.now() + 20_000;
  for (;;) {
    const client = await TurnClient.connect(lab.listener(), credential);
    const answer = await client.allocate().finally(() => client.close());
    if (answer.ok) return;
    assert.ok(Date.now() < endsAt, "the new secret is accepted");
  }
}

/** The engine's thread or process hears of it a moment later. */
async function untilRefused(lab: EngineLab): Promise<void> {
  const endsAt = Date.now() + 20_000;
  for (;;) {
    const answer = await (await lab.client(`late-${Date.now()}`)).allocate();
    if (answer.code === 401) return;
    assert.ok(Date.now() < endsAt, "the old secret is refused");
  }
}

async function fingerprintAt({ address, port }: TurnListenerAddress): Promise<string> {
  const socket = connect({ host: address, port, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}
