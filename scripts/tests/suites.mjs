/**
 * The parts of `npm test`, in the order in which they run: what is quick and
 * tells most comes first.
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {readonly string[]} folders under `test/`, searched for `*.test.ts`
 * @property {"none" | "process"} isolation `none` runs all files in one process
 * @property {number} concurrency files at once, where each has its process
 * @property {number} fileTimeoutMs a file that takes longer has failed
 * @property {number} suiteTimeoutMs a suite that takes longer is ended, and has failed
 * @property {readonly string[]} needs steps of setup beside Node and the packages
 */

const minute = 60_000;

/** @type {readonly Suite[]} */
export const suites = [
  {
    name: "unit",
    folders: ["unit", "vectors"],
    isolation: "none",
    concurrency: 1,
    fileTimeoutMs: minute,
    suiteTimeoutMs: 5 * minute,
    needs: [],
  },
  {
    name: "integration",
    folders: ["integration"],
    isolation: "process",
    concurrency: 2,
    fileTimeoutMs: 5 * minute,
    suiteTimeoutMs: 20 * minute,
    needs: ["worker", "load-engine", "load-engine-tests", "web", "coturn"],
  },
  {
    name: "fuzz",
    folders: ["fuzz"],
    isolation: "process",
    concurrency: 2,
    fileTimeoutMs: 5 * minute,
    suiteTimeoutMs: 10 * minute,
    needs: ["worker"],
  },
  {
    name: "e2e",
    folders: ["e2e"],
    isolation: "process",
    // Browsers that encode video leave no core for a second call beside them.
    concurrency: 1,
    fileTimeoutMs: 10 * minute,
    suiteTimeoutMs: 40 * minute,
    needs: ["worker", "web", "browser", "firefox", "coturn", "firewall"],
  },
];

/** The name of the part that is `npm run check`. */
const checkName = "check";

/**
 * What the arguments of `npm test` ask for. None asks for everything; names of
 * suites for these; anything else is a part of a test file's path, for which
 * every suite is searched.
 *
 * @param {readonly string[]} args
 */
export function choose(args) {
  const names = args.filter((arg) => arg === checkName || suites.some(({ name }) => name === arg));
  const patterns = args.filter((arg) => !names.includes(arg));
  const all = args.length === 0;
  return {
    check: all || names.includes(checkName),
    suites: suites.filter(({ name }) =>
      names.length === 0 ? all || patterns.length > 0 : names.includes(name),
    ),
    patterns,
  };
}
