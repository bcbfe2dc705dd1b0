import { parseStay, type StayMemory } from "../state/stay-memory.ts";

/**
 * Keeps the stay in the history entry's state: it lives over a reload, belongs to this entry's link
 * alone, and holds nothing of the link. An entry that is come back to by other ways (back button,
 * duplicated tab) doesn't count: nobody should find themselves in a call by surprise.
 */
export function browserStayMemory(window: Window): StayMemory {
  const { history, performance } = window;
  return {
    recall() {
      const [navigation] = performance.getEntriesByType("navigation");
      const reloaded =
        navigation instanceof PerformanceNavigationTiming && navigation.type === "reload";
      return reloaded ? parseStay(history.state) : null;
    },
    remember(stay) {
      history.replaceState(stay, "");
    },
  };
}
