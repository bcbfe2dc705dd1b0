import {
  Hand,
  KeyRound,
  LoaderCircle,
  LogOut,
  MicOff,
  MonitorUp,
  ShieldAlert,
  ShieldCheck,
  Snowflake,
  TriangleAlert,
  WifiOff,
  type LucideIcon,
} from "lucide-react";
import { memo, useRef, type RefObject } from "react";
import type { RepairStage } from "../../client/recovery/key-repair.ts";
import { CALL, PRESENCE, REPAIR, TROUBLE } from "../strings.ts";
import type { Rect } from "../state/grid-layout.ts";
import { initials } from "../state/initials.ts";
import type { ShownSizes } from "../state/shown-sizes.ts";
import type { Tile, TileMarks } from "../state/tiles.ts";
import { Picture } from "./picture.tsx";
import { useShownSize } from "./use-shown-size.ts";

export interface TileViewProps extends TileMarks {
  tile: Tile;
  rect: Rect | undefined;
  floating?: boolean;
  scroller?: RefObject<Element | null>;
  sizes: ShownSizes;
  repair: RepairStage;
}

const HIDDEN: Rect = { x: 0, y: 0, width: 0, height: 0 };
/** Below this width in CSS pixels there is room for a word or two only. */
const SMALL = 190;

/** One person or shared screen. Tiles of people who didn't change aren't rendered again. */
export const TileView = memo(function TileView(props: TileViewProps) {
  const { tile, rect = HIDDEN, floating = false, scroller, sizes } = props;
  const element = useRef<HTMLLIElement>(null);
  useShownSize({ element, scroller, tile, rect, sizes });
  const { handPlace, reaction, standing, frozen, repair } = props;
  const note = noteOf(tile, repair);
  const isFrozen = frozen && tile.video !== null;
  const classes = [
    "tile",
    tile.kind,
    tile.speaking && "speaking",
    floating && "floating",
    isFrozen && "frozen",
    rect.width < SMALL && "small",
    tile.video !== null && "with-picture",
    `hue-${tile.hue}`,
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
      data-hand={handPlace ?? ""}
      data-standing={standing}
      data-frozen={isFrozen}
    >
      {tile.video !== null && (
        <Picture
          track={tile.video}
          mirrored={tile.self}
          tile={tile.kind === "screen" ? undefined : rect}
        />
      )}
      {tile.video === null && note === null && <Avatar tile={tile} rect={rect} />}
      {note !== null && <Note {...note} />}
      {isFrozen && (
        <span className="frozen-mark" title={CALL.frozen}>
          <Snowflake aria-hidden size={16} />
          <span className="visually-hidden">{CALL.frozen}</span>
        </span>
      )}
      {handPlace !== null && (
        <span className="tile-hand">
          <Hand aria-hidden size={18} />
          <span aria-hidden>{handPlace}</span>
          <span className="visually-hidden">{CALL.handPlace(handPlace)}</span>
        </span>
      )}
      {reaction !== null && (
        <span key={reaction} className="tile-reaction" aria-hidden data-testid="tile-reaction">
          {reaction}
        </span>
      )}
      <Caption tile={tile} standing={standing} />
    </li>
  );
});

function Avatar({ tile, rect }: { tile: Tile; rect: Rect }) {
  const size = Math.round(Math.min(120, Math.min(rect.width, rect.height) * 0.42));
  return (
    <span
      className="avatar"
      style={{ width: size, height: size, fontSize: size * 0.38 }}
      aria-hidden
    >
      {tile.kind === "screen" ? <MonitorUp size={size * 0.45} /> : initials(tile.name)}
    </span>
  );
}

function Caption({ tile, standing }: { tile: Tile; standing: TileMarks["standing"] }) {
  const name = tile.name || CALL.someone;
  const shown = tile.self ? CALL.you : tile.kind === "screen" ? CALL.screenOf(name) : name;
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
      {standing !== "unknown" && (
        <span className={`standing ${standing}`}>
          {standing === "verified" ? (
            <ShieldCheck aria-hidden size={14} />
          ) : (
            <TriangleAlert aria-hidden size={14} />
          )}
          <span className="visually-hidden">
            {standing === "verified" ? CALL.verified : CALL.changed}
          </span>
        </span>
      )}
      <bdi className="caption-name">{shown}</bdi>
      {tile.speaking && <span className="visually-hidden">{CALL.speaking}</span>}
    </div>
  );
}

interface NoteProps {
  tone: "calm" | "warning" | "alarm";
  icon: LucideIcon;
  title: string;
  help: string;
}

/** Why there is nothing to be seen or heard of a participant, or null. */
function noteOf({ trouble, presence }: Tile, repair: RepairStage): NoteProps | null {
  if (presence !== "present") {
    return { tone: "calm", icon: PRESENCE_ICONS[presence], ...PRESENCE[presence] };
  }
  if (trouble === "none") return null;
  const waits = trouble === "no-key" || trouble === "wrong-epoch";
  const look = waits
    ? ({ tone: "warning", icon: KeyRound } as const)
    : ({ tone: "alarm", icon: ShieldAlert } as const);
  const { title, help } = TROUBLE[trouble];
  return { ...look, title, help: (waits && REPAIR[repair]) || help };
}

const PRESENCE_ICONS = { joining: LoaderCircle, away: WifiOff, leaving: LogOut } as const;

function Note({ tone, icon: Icon, title, help }: NoteProps) {
  return (
    <div className={`note ${tone}`} aria-live="polite">
      <p className="note-title">
        <Icon aria-hidden size={17} />
        {title}
      </p>
      <p className="note-help">{help}</p>
    </div>
  );
}
