import { fileURLToPath } from "node:url";

/** What synthetic participants send, see its own README. */
export const MEDIA_FOLDER = fileURLToPath(new URL("../media", import.meta.url));
