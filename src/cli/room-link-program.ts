import { randomBytes } from "node:crypto";

/**
 * Version and length of an invitation's secret. The server's floors may not import src/e2ee, which
 * reads such links; a test reads what this program prints with it.
 */
const VERSION = "1";
const SECRET_BYTES = 32;

const [label = "", origin = ""] = process.argv.slice(2);
console.log(`  ${label}${origin}/#${VERSION}${randomBytes(SECRET_BYTES).toString("base64url")}`);
