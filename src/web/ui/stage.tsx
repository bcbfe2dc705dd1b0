import { useMemo, useRef } from "react";
import type { CallState } from "../../client/call-state.ts";
import { CALL } from "../strings.ts";
import { callLayout } from "../state/call-layout.ts";
import type { CallSession } from "../state/call-session.ts";
import { marksOf, type Tiles } from "../state/tiles.ts";
import { TileView } from "./tile-view.tsx";
import { useElementSize } from "./use-element-size.ts";
import { useStore } from "./use-store.ts";

export interface StageProps {
  session: CallSession;
  state: CallState;
  tiles: Tiles;
}

const NOBODY: Tiles = { people: [], screens: [] };

/** Puts everybody and every shared screen where the layout says. */
export function Stage({ session, state, tiles }: StageProps) {
  // Who is verified shows on the tiles.
  useStore(session.people);
  const stage = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLUListElement>(null);
  const { width, height } = useElementSize(stage);
  // Before the size is known there is no place for anybody.
  const { people, screens } = width > 0 && height > 0 ? tiles : NOBODY;
  const layout = useMemo(
    () => callLayout({ width, height, people: people.length, screens: screens.length }),
    [width, height, people.length, screens.length],
  );
  const { peopleArea, peopleContent } = layout;
  const scrolls =
    peopleContent.height > peopleArea.height || peopleContent.width > peopleArea.width;
  return (
    <div ref={stage} className="stage" data-testid="stage">
      {screens.length > 0 && (
        <ul className="screens" aria-label={CALL.screens}>
          {screens.map((tile, index) => (
            <TileView
              key={tile.key}
              tile={tile}
              rect={layout.screens[index]}
              sizes={session.shownSizes}
              repair={state.encryption.repair}
              {...marksOf(tile, state, session.people)}
            />
          ))}
        </ul>
      )}
      <ul
        ref={scroller}
        className={scrolls ? "people scrolling" : "people"}
        aria-label={CALL.people}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={scrolls ? 0 : undefined}
        style={{
          transform: `translate(${peopleArea.x}px, ${peopleArea.y}px)`,
          width: peopleArea.width,
          height: peopleArea.height,
        }}
      >
        {people.map((tile, index) => (
          <TileView
            key={tile.key}
            tile={tile}
            rect={layout.people[index]}
            floating={layout.floatingSelf && tile.self}
            scroller={scroller}
            sizes={session.shownSizes}
            repair={state.encryption.repair}
            {...marksOf(tile, state, session.people)}
          />
        ))}
      </ul>
    </div>
  );
}
