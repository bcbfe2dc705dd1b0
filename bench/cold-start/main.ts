/**
 * Measures what a newcomer waits for: a fresh clone, an empty npm cache and no
 * worker cache, `npm start` to the page being served and to two people seeing
 * each other by the printed link; then the second start.
 *
 *     npm run bench:cold-start -- [--json]
 *
 * With `--json` the last line is `{"figures": {…}}`, in milliseconds.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Person } from "../../test/support/call-browser.ts";
import { seesMoving } from "../../test/support/call-senses.ts";
import { projectRoot } from "../../scripts/setup/project.mjs";

/** Compiling the worker on one slow core is the longest part by far. */
const startTimeoutMs = 20 * 60_000;

const folder = mkdtempSync(join(tmpdir(), "aparte-cold-start-"));
const clone = join(folder, "clone");

/** As a newcomer's shell has it: without what setup, npm and we ourselves have added. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const added = dirname(process.execPath);
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => entry !== added);
  return {
    HOME: join(folder, "home"),
    PATH: path.join(delimiter),
    XDG_CACHE_HOME: join(folder, "cache"),
    npm_config_cache: join(folder, "npm-cache"),
    APARTE_HTTP_PORT: "0",
    APARTE_ADMIN_PORT: "0",
    APARTE_SFU_PORT: "0",
    APARTE_TURN_PORT: "0",
  };
}

/** The seconds at the end of the line in which setup says that a step is done. */
const doneLine = /^ {2}(\w+) .*\((\d+\.\d) s\)$/gm;

/** The ready link that is printed last. */
const linkPattern = /https?:\/\/\S+\/#\S+/;

type Start = { totalMs: number; callMs: number; steps: Record<string, number> };

/** Runs `npm start` until the page is there, lets two people call, and ends it again. */
async function start(): Promise<Start> {
  const startedAt = performance.now();
  // A group of its own, so that all that npm starts can be ended with it.
  const child = spawn("npm", ["start"], {
    cwd: clone,
    env: newcomersEnvironment(),
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    while (!linkPattern.test(output) || !(await pageIsServed(output))) {
      if (child.exitCode !== null) throw new Error(`npm start ended with code ${child.exitCode}`);
      if (performance.now() - startedAt > startTimeoutMs)
        throw new Error("npm start took too long");
      await sleep(50);
    }
    const totalMs = Math.round(performance.now() - startedAt);
    const steps = [...output.matchAll(doneLine)].map(([, name = "", s]) => [
      name,
      Number(s) * 1000,
    ]);
    await callByLink(output);
    const callMs = Math.round(performance.now() - startedAt);
    return { totalMs, callMs, steps: Object.fromEntries(steps) };
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await exited;
  }
}

async function pageIsServed(output: string): Promise<boolean> {
  const [address] = /https?:\/\/[\w.:[\]-]+/.exec(output) ?? [];
  if (address === undefined) return false;
  const response = await fetch(address).catch(() => undefined);
  return response?.ok === true && (await response.text()).includes("<script");
}

/** Two people, each at a browser of their own, open the printed link and see each other. */
async function callByLink(output: string): Promise<void> {
  const [link] = linkPattern.exec(output) ?? [];
  if (link === undefined) throw new Error("npm start printed no link to a room");
  const people: Person[] = [];
  try {
    for (const [name, colour] of [
      ["Ada", "red"],
      ["Bob", "blue"],
    ] as const) {
      const person = await Person.atBrowser(name, { colour, toneHz: 440 });
      people.push(person);
      await person.join(link);
    }
    const [ada, bob] = people;
    if (ada && bob) await Promise.all([seesMoving(ada, "Bob"), seesMoving(bob, "Ada")]);
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
}

try {
  mkdirSync(join(folder, "home"));
  execFileSync("git", ["clone", "--quiet", projectRoot, clone]);
  const cold = await start();
  const warm = await start();
  const inSteps = Object.values(cold.steps).reduce((sum, ms) => sum + ms, 0);
  const figures = {
    coldStartMs: cold.totalMs,
    ...Object.fromEntries(Object.entries(cold.steps).map(([name, ms]) => [`${name}Ms`, ms])),
    serveMs: Math.round(cold.totalMs - inSteps),
    coldStartToCallMs: cold.callMs,
    warmStartMs: warm.totalMs,
  };
  for (const [name, ms] of Object.entries(figures)) {
    process.stdout.write(`${name.padEnd(14)} ${(ms / 1000).toFixed(1)} s\n`);
  }
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify({ bench: "cold-start", figures })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
