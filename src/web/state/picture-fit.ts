/** A picture that would lose more than this share of itself is shown whole instead. */
const LOST_MAX = 0.45;

/** How a picture is put into a tile: `cover` fills it and cuts the edges, `contain` shows all of it. */
export function pictureFit(
  picture: { readonly width: number; readonly height: number },
  tile: { readonly width: number; readonly height: number },
): "cover" | "contain" {
  if (picture.width <= 0 || picture.height <= 0 || tile.width <= 0 || tile.height <= 0) {
    return "cover";
  }
  const ratio = picture.width / picture.height / (tile.width / tile.height);
  return 1 - Math.min(ratio, 1 / ratio) > LOST_MAX ? "contain" : "cover";
}
