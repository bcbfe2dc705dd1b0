import { gridLayout, type Rect } from "./grid-layout.ts";

export interface LayoutRequest {
  /** The area for tiles, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Tiles of people, the own one included. */
  readonly people: number;
  /** Tiles that take the stage: shared screens. */
  readonly screens: number;
}

export interface CallLayout {
  readonly screens: readonly Rect[];
  readonly people: readonly Rect[];
  /** The part of the area that holds the people and scrolls if they need more than it. */
  readonly peopleArea: Rect;
  /** What the people need; larger than `peopleArea` when it scrolls. */
  readonly peopleContent: { readonly width: number; readonly height: number };
  /** Whether the own tile, the last of the people, floats over the others. */
  readonly floatingSelf: boolean;
}

const GAP = 8;
/** An area whose shorter side is below this is a phone's. */
const PHONE_SIDE = 500;
const LANDSCAPE_TILE = { min: 1.1, max: 16 / 9 };
const PORTRAIT_TILE = { min: 0.72, max: 16 / 9 };

/** Where each tile goes: a grid of people, or a stage of shared screens with a strip of people. */
export function callLayout(request: LayoutRequest): CallLayout {
  if (request.width <= 0 || request.height <= 0) return EMPTY;
  return request.screens > 0 ? stage(request) : peopleOnly(request);
}

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };
const EMPTY: CallLayout = {
  screens: [],
  people: [],
  peopleArea: NOWHERE,
  peopleContent: { width: 0, height: 0 },
  floatingSelf: false,
};

function peopleOnly({ width, height, people }: LayoutRequest): CallLayout {
  const whole = { x: 0, y: 0, width, height };
  const phone = Math.min(width, height) < PHONE_SIDE;
  if (people === 2 && phone) {
    const floating = floatingRect(width, height);
    return { ...only([whole, floating], whole), floatingSelf: true };
  }
  if (people === 1) return only([alone(width, height)], whole);
  const portrait = height > width;
  const grid = gridLayout({
    width,
    height,
    count: people,
    gap: GAP,
    aspect: portrait ? PORTRAIT_TILE : LANDSCAPE_TILE,
    minTileWidth: phone ? 112 : 168,
  });
  return {
    ...only(grid.tiles, whole),
    peopleContent: { width, height: grid.height },
  };
}

function only(people: readonly Rect[], area: Rect): CallLayout {
  const peopleContent = { width: area.width, height: area.height };
  return { screens: [], people, peopleArea: area, peopleContent, floatingSelf: false };
}

/** One tile takes all of it, but doesn't become a ribbon on a very wide window. */
function alone(width: number, height: number): Rect {
  const tileWidth = Math.min(width, Math.floor(height * 2));
  return { x: Math.floor((width - tileWidth) / 2), y: 0, width: tileWidth, height };
}

/** In the lower right corner, a quarter of the shorter side. */
function floatingRect(width: number, height: number): Rect {
  const portrait = height > width;
  const short = Math.max(84, Math.floor(Math.min(width, height) * 0.28));
  const size = portrait
    ? { width: short, height: Math.floor(short * 1.4) }
    : { width: Math.floor(short * 1.4), height: short };
  return { ...size, x: width - size.width - 12, y: height - size.height - 12 };
}

/** The strip runs along the longer side, so that the screen keeps as much as it can. */
function stage({ width, height, people, screens }: LayoutRequest): CallLayout {
  const beside = width > height;
  const strip = stripThickness(width, height);
  const stageWidth = beside ? width - strip - GAP : width;
  const stageHeight = beside ? height : height - strip - GAP;
  const shared = gridLayout({
    width: stageWidth,
    height: stageHeight,
    count: screens,
    gap: GAP,
    aspect: { min: 0.1, max: 10 },
    minTileWidth: 0,
  });
  const peopleArea = beside
    ? { x: stageWidth + GAP, y: 0, width: strip, height }
    : { x: 0, y: stageHeight + GAP, width, height: strip };
  const { rects, length } = row(people, beside, peopleArea);
  return {
    screens: shared.tiles,
    people: rects,
    peopleArea,
    peopleContent: beside ? { width: strip, height: length } : { width: length, height: strip },
    floatingSelf: false,
  };
}

function stripThickness(width: number, height: number): number {
  return width > height
    ? Math.round(Math.min(240, Math.max(112, width * 0.17)))
    : Math.round(Math.min(180, Math.max(92, height * 0.15)));
}

/** Tiles of one shape in a line, centred when they are fewer than fit. */
function row(count: number, vertical: boolean, area: Rect): { rects: Rect[]; length: number } {
  const tile = vertical
    ? { width: area.width, height: Math.floor((area.width * 9) / 16) }
    : { width: Math.floor((area.height * 4) / 3), height: area.height };
  const step = (vertical ? tile.height : tile.width) + GAP;
  const room = vertical ? area.height : area.width;
  const used = count * step - GAP;
  const start = Math.max(0, Math.floor((room - used) / 2));
  const rects = Array.from({ length: count }, (_, index) => ({
    x: vertical ? 0 : start + index * step,
    y: vertical ? start + index * step : 0,
    ...tile,
  }));
  return { rects, length: Math.max(room, used) };
}
