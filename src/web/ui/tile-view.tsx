import { MicOff, MonitorUp, ShieldAlert } from "lucide-react";
import { memo, useRef, type RefObject } from "react";
import { CALL, PRESENCE, TROUBLE } from "../strings.ts";
import type { Rect } from "../state/grid-layout.ts";
import { initials } from "../state/initials.ts";
import type { ShownSizes } from "../state/shown-sizes.ts";
import type { Tile } from "../state/tiles.ts";
import { Picture } from "./picture.tsx";
import { useShownSize } from "./use-shown-size.ts";

export interface TileViewProps {
  tile: Tile;
  rect: Rect | undefined;
  floating?: boolean;
  scroller?: RefObject<Element | null>;
  sizes: ShownSizes;
}

const HIDDEN: Rect = { x: 0, y: 0, width: 0, height: 0 };
/** Below this width in CSS pixels there is room for a word or two only. */
const SMALL = 190;

/** One person or shared screen. Tiles of people who didn't change aren't rendered again. */
export const TileView = memo(function TileView(props: TileViewProps) {
  const { tile, rect = HIDDEN, floating = false, scroller, sizes } = props;
  const element = useRef<HTMLLIElement>(null);
  useShownSize({ element, scroller, tile, rect, sizes });
  const classes = [
    "tile",
    tile.kind,
    tile.speaking && "speaking",
    floating && "floating",
    rect.width < SMALL && "small",
    tile.presence !== "present" && "faded",
  ];
  return (
    <li
      ref={element}
      className={classes.filter(Boolean).join(" ")}
      style={{
        transform: `translate(${rect.x}px, ${rect.y}px)`,
        width: rect.width,
        height: rect.height,
      }}
      data-testid="tile"
      data-kind={tile.kind}
      data-self={tile.self}
      data-name={tile.name}
      data-participant={tile.participantId}
      data-presence={tile.presence}
      data-trouble={tile.trouble}
      data-microphone={tile.microphone}
      data-speaking={tile.speaking}
    >
      {tile.video === null ? (
        <Placeholder tile={tile} rect={rect} />
      ) : (
        <Picture
          track={tile.video}
          mirrored={tile.self}
          fit={tile.kind === "screen" ? "contain" : { auto: rect }}
        />
      )}
      <TroubleNote tile={tile} />
      <Caption tile={tile} />
    </li>
  );
});

function Placeholder({ tile, rect }: { tile: Tile; rect: Rect }) {
  const size = Math.round(Math.min(120, Math.min(rect.width, rect.height) * 0.42));
  return (
    <div className={`placeholder hue-${tile.hue}`} aria-hidden>
      <span className="avatar" style={{ width: size, height: size, fontSize: size * 0.38 }}>
        {tile.kind === "screen" ? <MonitorUp size={size * 0.45} /> : initials(tile.name)}
      </span>
    </div>
  );
}

function Caption({ tile }: { tile: Tile }) {
  const name = tile.name || CALL.someone;
  const shown = tile.self ? CALL.you : tile.kind === "screen" ? CALL.screenOf(name) : name;
  const state = PRESENCE[tile.presence];
  return (
    <div className="caption">
      {tile.kind === "person" && tile.microphone !== "on" && (
        <span className="caption-muted">
          <MicOff aria-hidden size={14} />
          <span className="visually-hidden">
            {tile.microphone === "muted" ? CALL.muted : CALL.noMicrophone}
          </span>
        </span>
      )}
      <bdi className="caption-name">{shown}</bdi>
      {tile.speaking && <span className="visually-hidden">{CALL.speaking}</span>}
      {state !== "" && <span className="caption-state">{state}</span>}
    </div>
  );
}

function TroubleNote({ tile }: { tile: Tile }) {
  if (tile.trouble === "none") return null;
  const { title, help } = TROUBLE[tile.trouble];
  return (
    <div className={`trouble ${tile.trouble}`} aria-live="polite">
      <ShieldAlert aria-hidden size={18} />
      <strong>{title}</strong>
      <span className="trouble-help">{help}</span>
    </div>
  );
}
