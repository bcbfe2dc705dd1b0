import type { PageVisibility } from "../state/page-visibility.ts";

/** By the Page Visibility API: another tab in front, a minimised window, a locked phone. */
export function browserVisibility(document: Document): PageVisibility {
  return {
    onChange(listener) {
      const tell = () => {
        listener(document.visibilityState === "hidden");
      };
      document.addEventListener("visibilitychange", tell);
      tell();
      return () => {
        document.removeEventListener("visibilitychange", tell);
      };
    },
  };
}
