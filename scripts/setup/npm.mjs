import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * Paths where the npm that belongs to this machine's Node may lie.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Generator<string>}
 */
function* candidates(env) {
  // Set by npm for what it runs. Yarn and pnpm set it too, to themselves.
  if (env.npm_execpath) yield env.npm_execpath;
  const beside = join(dirname(process.execPath), "..", "lib", "node_modules", "npm");
  yield join(beside, "bin", "npm-cli.js");
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    if (folder) yield join(folder, "npm");
  }
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} the path of npm-cli.js, to be run by the Node of our choice
 */
function findNpm(env = process.env) {
  for (const candidate of candidates(env)) {
    if (!existsSync(candidate)) continue;
    const path = realpathSync(candidate);
    if (basename(path) === "npm-cli.js") return path;
  }
  throw new SetupError(
    "npm was not found.",
    "Install Node.js with npm (https://nodejs.org), or make `npm` available on the PATH.",
  );
}

/**
 * npm's own patience is for minutes of silence; here somebody waits for the
 * first words of an error.
 */
const patience = [
  "--fetch-retries=3",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000",
];

/**
 * Runs npm. Its own progress bar is off; each package that it fetched is told
 * to `onFetch` with the number so far.
 *
 * @param {string} node
 * @param {readonly string[]} args
 * @param {{cwd: string, onFetch?: (count: number) => void}} options
 */
export function runNpm(node, args, options) {
  let count = 0;
  return runCommand(node, [findNpm(), ...args, ...patience, "--loglevel=http", "--no-progress"], {
    cwd: options.cwd,
    keepLines: 1_000,
    env: {
      ...process.env,
      // npm starts `node` by name; it has to be the one that runs npm itself.
      PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
      // A Node from npm would otherwise not know the authorities that this
      // machine trusts, such as that of a company's proxy.
      NODE_USE_SYSTEM_CA: "1",
    },
    onLine: (line) => {
      if (/^npm http (?:fetch|cache) .*\.tgz/.test(line)) options.onFetch?.(++count);
    },
  });
}

/**
 * @param {string} what was to be done
 * @param {string} tail npm's output, or its end
 */
export function npmFailure(what, tail) {
  const unreachable =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|SOCKET_TIMEOUT|CERT_IN_CHAIN/;
  // The first lines of an error say what is wrong; usage texts and paths of logs follow.
  const errors = tail.split("\n").filter((line) => /^npm error (?! +at )/.test(line));
  const shown = errors.slice(0, 12).join("\n");
  if (unreachable.test(tail)) {
    return new SetupError(
      `${what}: the npm registry can't be reached.\n\n${shown}`,
      "Check the network, or point npm at a mirror: npm config set registry <address>",
    );
  }
  return new SetupError(`${what}: npm failed.\n\n${shown || tail}`);
}
