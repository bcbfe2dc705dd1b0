import { openChromiumPage } from "../../test/support/chromium-page.ts";
import type { Figures } from "./measure.ts";

/** The same steps as in Node, in a page of Chromium. */
export async function measureInChromium(
  sizes: readonly number[],
  samples: number,
): Promise<Figures> {
  const chromium = await openChromiumPage(new URL("./", import.meta.url));
  try {
    return await chromium.page.evaluate(
      (each, count) => window.measureGroups(each, count),
      [...sizes],
      samples,
    );
  } finally {
    await chromium.close();
  }
}
