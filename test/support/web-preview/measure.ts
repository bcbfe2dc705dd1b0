import type { Page } from "puppeteer-core";

export interface Box {
  readonly what: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Measures {
  readonly window: { readonly width: number; readonly height: number };
  readonly scrollWidth: number;
  readonly stage: Box | null;
  readonly tiles: readonly (Box & { readonly floating: boolean })[];
  /** Everything that can be pressed or typed into and is laid out, outside of what scrolls. */
  readonly controls: readonly Box[];
  /** Names that stick out of their tile. */
  readonly captionsOutside: readonly string[];
}

/** Where things are on the page, in CSS pixels. */
export async function measure(page: Page): Promise<Measures> {
  return page.evaluate(() => {
    const box = (element: Element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const name = element.getAttribute("data-testid") ?? element.tagName;
      return { what: name, left, top, right, bottom };
    };
    const all = (selector: string) => [...document.querySelectorAll(selector)];
    const stage = document.querySelector("[data-testid=stage]");
    return {
      window: { width: window.innerWidth, height: window.innerHeight },
      scrollWidth: document.documentElement.scrollWidth,
      stage: stage === null ? null : box(stage),
      tiles: all("[data-testid=tile]").map((tile) => ({
        ...box(tile),
        floating: tile.classList.contains("floating"),
      })),
      controls: all("button, input, select")
        .filter(
          (control) =>
            control.checkVisibility({ visibilityProperty: true }) &&
            control.closest("[popover]") === null,
        )
        .map((control) => box(control)),
      captionsOutside: all(".caption")
        .filter((caption) => {
          const tile = caption.closest("[data-testid=tile]")?.getBoundingClientRect();
          const { left, right, bottom } = caption.getBoundingClientRect();
          return tile && (left < tile.left || right > tile.right || bottom > tile.bottom);
        })
        .map((caption) => caption.textContent),
    };
  });
}
