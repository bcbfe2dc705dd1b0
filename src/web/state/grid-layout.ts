/** In CSS pixels, relative to the area that is laid out. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GridRequest {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly gap: number;
  /** Narrowest and widest shape of a tile, width divided by height. */
  readonly aspect: { readonly min: number; readonly max: number };
  /** Tiles are never narrower than this; when they would be, the grid scrolls. */
  readonly minTileWidth: number;
}

export interface Grid {
  readonly tiles: readonly Rect[];
  /** Higher than the area when it scrolls. */
  readonly height: number;
  readonly columns: number;
}

interface Cells {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Lays equal tiles into an area so that each is as large as it can be: every number of columns is
 * tried, the cell is cut to the allowed shapes, and the largest tile wins. A last row that isn't
 * full is centred.
 */
export function gridLayout(request: GridRequest): Grid {
  const { width, height, count } = request;
  if (count <= 0 || width <= 0 || height <= 0) return { tiles: [], height: 0, columns: 0 };
  const fitting = bestCells(request);
  const smallest = Math.min(request.minTileWidth, width);
  if (fitting.width >= smallest) return place(request, fitting, height);
  return placeScrolling(request, smallest);
}

function bestCells(request: GridRequest): Cells {
  let best: Cells = { columns: 1, rows: request.count, width: 0, height: 0 };
  for (let columns = 1; columns <= request.count; columns += 1) {
    const rows = Math.ceil(request.count / columns);
    const cell = fitAspect(
      share(request.width, columns, request.gap),
      share(request.height, rows, request.gap),
      request.aspect,
    );
    // A pixel more isn't worth an emptier last row, so a tie goes to fewer columns.
    if (cell.width * cell.height > best.width * best.height + 1) best = { columns, rows, ...cell };
  }
  return best;
}

function placeScrolling(request: GridRequest, smallest: number): Grid {
  const { width, count, gap } = request;
  const columns = Math.min(count, Math.max(1, Math.floor((width + gap) / (smallest + gap))));
  const rows = Math.ceil(count / columns);
  const tileWidth = share(width, columns, gap);
  const aspect = Math.min(Math.max(4 / 3, request.aspect.min), request.aspect.max);
  const tileHeight = Math.floor(tileWidth / aspect);
  const cells = { columns, rows, width: tileWidth, height: tileHeight };
  return place(request, cells, rows * (tileHeight + gap) - gap);
}

function place(request: GridRequest, cells: Cells, height: number): Grid {
  const { count, gap } = request;
  const used = cells.rows * (cells.height + gap) - gap;
  const top = Math.max(0, Math.floor((height - used) / 2));
  const tiles = Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / cells.columns);
    const inRow = Math.min(cells.columns, count - row * cells.columns);
    const rowWidth = inRow * (cells.width + gap) - gap;
    const left = Math.floor((request.width - rowWidth) / 2);
    return {
      x: left + (index % cells.columns) * (cells.width + gap),
      y: top + row * (cells.height + gap),
      width: cells.width,
      height: cells.height,
    };
  });
  return { tiles, height: Math.max(height, used), columns: cells.columns };
}

/** Whole pixels, so that rounding never pushes a tile over the edge. */
function share(total: number, parts: number, gap: number): number {
  return Math.max(0, Math.floor((total - gap * (parts - 1)) / parts));
}

function fitAspect(
  width: number,
  height: number,
  { min, max }: GridRequest["aspect"],
): { width: number; height: number } {
  if (height <= 0 || width <= 0) return { width: 0, height: 0 };
  if (width / height > max) return { width: Math.floor(height * max), height };
  if (width / height < min) return { width, height: Math.floor(width / min) };
  return { width, height };
}
