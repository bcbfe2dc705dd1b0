import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sirv from "sirv";
import { StartError } from "./start-error.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

const BUILT_PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
/** Vite puts a hash of the content into the names of what lies here. */
const HASHED = "/assets/";

/**
 * Answers GET and HEAD with the files of the call page. Throws `StartError` when they aren't there.
 * The files are listed once, at the start, so no request can reach beyond them.
 */
export function pageListener(
  headers: Readonly<Record<string, string>>,
  directory = BUILT_PAGE,
): RequestListener {
  if (!existsSync(join(directory, "index.html"))) {
    throw new StartError(
      "page-missing",
      `The call page is not built (no index.html in ${directory}): run \`npm start\`, which builds it, or \`npx vite build\`.`,
    );
  }
  const serve = sirv(directory, {
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders(response, pathname) {
      const hashed = pathname.startsWith(HASHED);
      // The page itself is asked for anew each time, so that an upgrade reaches everybody.
      response.setHeader(
        "Cache-Control",
        hashed ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      refuse(response, 405, "This address is only for reading.", { Allow: "GET, HEAD" });
      return;
    }
    serve(request, response, () => {
      refuse(response, 404, "There is nothing here.");
    });
  };
}

function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers });
  response.end(`${text}\n`);
}
