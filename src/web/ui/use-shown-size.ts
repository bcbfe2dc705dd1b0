import { useEffect, useState, type RefObject } from "react";
import type { Rect } from "../state/grid-layout.ts";
import type { ShownSizes } from "../state/shown-sizes.ts";
import type { Tile } from "../state/tiles.ts";

/** How far beyond the edge a picture is asked for already, so that scrolling finds it there. */
const AHEAD = "25%";

export interface ShownSizeRequest {
  readonly element: RefObject<Element | null>;
  readonly scroller: RefObject<Element | null> | undefined;
  readonly tile: Tile;
  readonly rect: Rect;
  readonly sizes: ShownSizes;
}

/** Reports how large a remote picture is shown, and that it isn't when it is scrolled away. */
export function useShownSize({ element, scroller, tile, rect, sizes }: ShownSizeRequest): void {
  const [inView, setInView] = useState(true);
  const { participantId, source, self } = tile;
  useEffect(() => {
    const target = element.current;
    if (target === null || self) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        setInView(entries.at(-1)?.isIntersecting ?? true);
      },
      { root: scroller?.current ?? null, rootMargin: AHEAD },
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
    };
  }, [element, scroller, self]);
  useEffect(() => {
    if (self) return;
    const scale = window.devicePixelRatio;
    const size = { width: rect.width * scale, height: rect.height * scale };
    sizes.report(participantId, source, inView && rect.width > 0 ? size : null);
  }, [sizes, participantId, source, self, inView, rect.width, rect.height]);
  useEffect(
    () => () => {
      if (!self) sizes.withdraw(participantId, source);
    },
    [sizes, participantId, source, self],
  );
}
