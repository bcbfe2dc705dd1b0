/** The largest share of a picture that may be cut off to fill a tile. */
const LOST_MAX = 0.4;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How much larger than "all of it in view" a picture is shown. It fills the tile where that costs
 * little; an upright phone in a wide tile is enlarged as far as `LOST_MAX` lets it, and no further.
 */
export function pictureScale(picture: Size, tile: Size): number {
  if (picture.width <= 0 || picture.height <= 0 || tile.width <= 0 || tile.height <= 0) return 1;
  const ratio = picture.width / picture.height / (tile.width / tile.height);
  return Math.min(Math.max(ratio, 1 / ratio), 1 / (1 - LOST_MAX));
}
