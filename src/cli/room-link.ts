import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("room-link-program.ts", import.meta.url));

/**
 * Prints a link to a new room. A process of its own makes the secret and writes it to the terminal
 * that it inherits, so that this one, which is the server, has never held it.
 */
export function printRoomLink(name: string, origin: string): Promise<void> {
  return new Promise((resolve) => {
    const program = spawn(process.execPath, [PROGRAM, name.padEnd(10), origin], {
      stdio: ["ignore", "inherit", "inherit"],
      env: {},
    });
    // A service without its greeting is a service all the same.
    program.once("error", () => {
      resolve();
    });
    program.once("exit", () => {
      resolve();
    });
  });
}
