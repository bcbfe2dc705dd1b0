import { readFileSync } from "node:fs";

/** Source files compiled as one: most of a file's cost is the headers it shares with others. */
const batchSize = 12;

/**
 * What a source file defines for itself alone: two files that define the same
 * name can't be compiled as one. Found by the shape of the line, so it may name
 * too much (harmless) or miss one (the compiler then says so, and the batch is
 * compiled file by file).
 */
const ownDefinition =
  /^\s*(?:alignas\(\d+\)\s*)?(?:(?:inline|static|constexpr|const|thread_local)\s+)+[^=({;[]*?(\w+)\s*(?:[=({;[]|$)/gm;

/**
 * @param {string} unit
 * @returns {string[]}
 */
function ownNames(unit) {
  return [...readFileSync(unit, "utf8").matchAll(ownDefinition)].map((match) => match[1] ?? "");
}

/**
 * Sorts source files into batches that can be compiled as one, in a way that
 * depends on nothing but the files.
 *
 * @param {readonly string[]} units
 * @returns {string[][]}
 */
export function batchesOf(units) {
  /** @type {{units: string[], names: Set<string>}[]} */
  const batches = [];
  for (const unit of units) {
    const names = ownNames(unit);
    let batch = batches.find(
      (one) => one.units.length < batchSize && !names.some((name) => one.names.has(name)),
    );
    if (!batch) batches.push((batch = { units: [], names: new Set() }));
    batch.units.push(unit);
    for (const name of names) batch.names.add(name);
  }
  return batches.map((batch) => batch.units);
}

/**
 * The source that stands for a batch. Each of mediasoup's files defines
 * MS_CLASS, its name in the log.
 *
 * @param {readonly string[]} units
 */
export function batchSource(units) {
  return units.map((unit) => `#undef MS_CLASS\n#include "${unit}"\n`).join("");
}
