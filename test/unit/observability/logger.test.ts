import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import {
  type LogFields,
  type Logger,
  createLogger,
  loggableAddress,
  loggableDigest,
  loggableError,
  loggableId,
} from "../../../src/observability/index.ts";
import { scrubText } from "../../../src/observability/scrub-text.ts";

const id = randomBytes(16).toString("base64url");
const address = "203.0.113.77";

function captured(format: "json" | "pretty" = "json"): { logger: Logger; text: () => string } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    logger: createLogger({ level: "trace", format, destination }),
    text: () => lines.join(""),
  };
}

describe("createLogger", () => {
  it("writes one JSON line with time, level, message and fields", () => {
    const { logger, text } = captured();
    logger.child({ part: "sfu" }).info({ workers: 2, ready: true }, "worker pool started");
    const line: unknown = JSON.parse(text());
    assert.partialDeepStrictEqual(line, {
      level: "info",
      part: "sfu",
      workers: 2,
      ready: true,
      msg: "worker pool started",
    });
    assert.match(text(), /"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"/);
  });

  it("says neither host name nor process id", () => {
    const { logger, text } = captured();
    logger.info("started");
    assert.doesNotMatch(text(), /hostname|"pid"/);
  });

  it("keeps to its level", () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: "warn", format: "json", destination });
    logger.info("quiet");
    logger.warn("loud");
    assert.equal(lines.length, 1);
  });

  it("writes a short line for people when asked to", () => {
    const { logger, text } = captured("pretty");
    logger.warn({ port: 3000, reason: "port taken" }, "cannot listen");
    assert.match(
      text(),
      /^\d\d:\d\d:\d\d {2}warn {3}cannot listen {2}port=3000 {2}reason="port taken"\n$/,
    );
  });

  it("does not compile with a computed text, and scrubs it if it comes through all the same", () => {
    const { logger, text } = captured();
    const computed: string = id;
    // @ts-expect-error a string of unknown content is not a literal
    logger.info({ room: computed }, "room opened");
    // @ts-expect-error neither is a message that was put together
    logger.info(`room ${computed} opened`);
    // @ts-expect-error nor an object
    logger.info({ participant: { id: computed, address } }, "joined");
    // @ts-expect-error children obey the same rule
    logger.child({ room: computed }).info("closed");
    const widened: LogFields = { room: computed, from: address };
    // @ts-expect-error widening the type first does not help
    logger.warn(widened, "again");
    assert.equal(text().includes(id), false);
    assert.equal(text().includes(address), false);
    assert.match(text(), /"participant":"\[redacted\]"/);
  });

  it("never writes a whole id, token or address, whichever way it comes in", () => {
    const { logger, text } = captured();
    const broken = Object.assign(new TypeError(`no ${id} at ${address}`), { code: "ERR_X" });
    logger.error({ error: loggableError(broken) }, "broken");
    logger.error(
      { error: loggableError(new Error("outer", { cause: new Error(`token=${id}`) })) },
      "broken",
    );
    logger.error({ error: loggableError(`thrown text ${id} from [2001:db8::7]:443`) }, "broken");
    logger.info({ room: loggableId(id), from: loggableAddress(address) }, "joined");
    logger.info({ same: loggableDigest(id) }, "compared");
    for (const secret of [id, address, "2001:db8::7", id.slice(0, 12), id.slice(-12)]) {
      assert.equal(text().includes(secret), false, `found ${secret}`);
    }
    assert.match(text(), /TypeError \[ERR_X\]: no \[redacted\] at 203\.0\.113\.x/);
    assert.match(text(), /logger\.test\.ts/, "where the error was thrown is told");
    assert.ok(text().includes(`"room":"${id.slice(0, 6)}…"`));
  });
});

describe("scrubText", () => {
  for (const [given, expected] of [
    ["uncaughtException in createWebRtcTransport", "uncaughtException in createWebRtcTransport"],
    [
      "set MEDIASOUP_WORKER_BIN or the-longest-script",
      "set MEDIASOUP_WORKER_BIN or the-longest-script",
    ],
    ["getRouterRtpCapabilities: InvalidStateError", "getRouterRtpCapabilities: InvalidStateError"],
    ["key 9f86d081884c7d659a2feaa0c55ad015", "key [redacted]"],
    ["key MkhlAexNnzconpif", "key [redacted]"],
    ["id 550e8400-e29b-41d4-a716-446655440000", "id [redacted]"],
    ["#1z-Yj3UQeFEtAnJSbUfPjD2_6eygIR6liMx399j6mj3A", "#[redacted]"],
    ["from ::ffff:203.0.113.77", "from [address]"],
    ["from 203.0.113.77:4000", "from 203.0.113.x:4000"],
    ["from fe80::1%eth0", "from [address]%eth0"],
  ] as const) {
    it(given, () => {
      assert.equal(scrubText(given), expected);
    });
  }

  it("takes out every random id and token", () => {
    for (let round = 0; round < 2_000; round += 1) {
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        // Random, but the same in each run: a few of a million are taken for words.
        const random = createHash("sha512").update(`${encoding} ${round}`).digest();
        const secret = random.subarray(0, 16 + (round % 17)).toString(encoding);
        const left = scrubText(`an error about "${secret}".`);
        // Base64 has slashes, between which a piece may be too short to tell.
        const pieces = secret.split("/").filter((piece) => piece.length >= 16);
        for (const piece of pieces) assert.equal(left.includes(piece), false, piece);
      }
    }
  });
});

describe("loggableAddress", () => {
  for (const [given, expected] of [
    ["203.0.113.77", "203.0.113.x"],
    ["::ffff:203.0.113.77", "203.0.113.x"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:x"],
    ["2001:db8::7", "2001:db8:0:x"],
    ["::1", "0:0:0:x"],
    ["fe80::1%eth0", "fe80:0:0:x"],
    ["example.org", "[not an address]"],
  ] as const) {
    it(`${given} is ${expected}`, () => {
      assert.equal(loggableAddress(given).toString(), expected);
    });
  }
});
