import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Licences whose works may be part of a program under AGPL-3.0-or-later and of
 * a library under Apache-2.0. A package under `A OR B` is fine if either is.
 */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
]);

type LockedPackage = { dev?: boolean; devOptional?: boolean; license?: string };

/** @param expression SPDX, as package.json has it, such as `(MIT OR GPL-3.0-only)` */
export function licenceIsAllowed(expression: string): boolean {
  const bare = expression.replaceAll(/[()]/g, "");
  return bare
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((licence) => allowed.has(licence.trim())));
}

/** @param file a package.json; old ones have a list of `licenses`, each to choose from */
function declaredLicence(file: string): string {
  const manifest: { license?: string; licenses?: { type: string }[] } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const choices = manifest.licenses?.map(({ type }) => type).join(" OR ");
  return manifest.license ?? choices ?? "none";
}

/**
 * Checks every package that is installed in production, by its own
 * package.json rather than by what the lockfile says of it.
 *
 * @returns one line for each package that may not be used, or undefined
 */
export function licenceComplaint(root: string): string | undefined {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8"),
  );
  const complaints = Object.entries(lock.packages)
    .filter(([, { dev, devOptional }]) => !dev && !devOptional)
    .flatMap(([path]) => {
      const licence = declaredLicence(join(root, path, "package.json"));
      if (licenceIsAllowed(licence)) return [];
      return [`${path}: licence "${licence}" is not on the list of allowed ones`];
    });
  return complaints.length === 0 ? undefined : complaints.join("\n");
}
