import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { callLayout } from "../../../src/web/state/call-layout.ts";
import { gridLayout, type Rect } from "../../../src/web/state/grid-layout.ts";

const ASPECT = { min: 1.1, max: 16 / 9 };

function grid(width: number, height: number, count: number) {
  return gridLayout({ width, height, count, gap: 8, aspect: ASPECT, minTileWidth: 168 });
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function assertApart(tiles: readonly Rect[]): void {
  for (const [index, tile] of tiles.entries()) {
    for (const other of tiles.slice(index + 1)) assert.ok(!overlaps(tile, other));
  }
}

function assertInside(tiles: readonly Rect[], width: number, height: number): void {
  for (const tile of tiles) {
    assert.ok(tile.x >= 0 && tile.x + tile.width <= width);
    assert.ok(tile.y >= 0 && tile.y + tile.height <= height);
  }
}

const share = (tiles: readonly Rect[], width: number, height: number) =>
  tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0) / (width * height);

test("a desktop window takes the columns that people expect", () => {
  const columns = [2, 3, 4, 6, 9, 12, 25].map((count) => grid(1416, 812, count).columns);
  assert.deepEqual(columns, [2, 2, 2, 3, 3, 4, 5]);
});

test("an upright phone stacks two and pairs six", () => {
  assert.equal(callLayout({ width: 378, height: 712, people: 3, screens: 0 }).people.length, 3);
  const portrait = { min: 0.72, max: 16 / 9 };
  const on = (count: number) =>
    gridLayout({ width: 378, height: 712, count, gap: 8, aspect: portrait, minTileWidth: 112 });
  assert.equal(on(2).columns, 1);
  assert.equal(on(6).columns, 2);
});

test("a last row that is not full is centred", () => {
  const { tiles } = grid(1416, 812, 3);
  const [first, second, last] = tiles;
  assert.ok(first && second && last);
  const middle = (first.x + second.x + second.width) / 2;
  assert.ok(Math.abs(last.x + last.width / 2 - middle) <= 1);
});

test("tiles never overlap, never leave the area, keep their shape and one size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 4000 }),
      fc.integer({ min: 150, max: 2500 }),
      fc.integer({ min: 1, max: 80 }),
      (width, height, count) => {
        const { tiles, height: used } = grid(width, height, count);
        assert.equal(tiles.length, count);
        assertInside(tiles, width, Math.max(height, used));
        assertApart(tiles);
        const [first] = tiles;
        assert.ok(first);
        for (const tile of tiles) {
          assert.equal(tile.width, first.width);
          assert.equal(tile.height, first.height);
        }
        // Rounding to whole pixels moves the shape a little.
        assert.ok(first.width / first.height > ASPECT.min - 0.05);
        assert.ok(first.width / first.height < ASPECT.max + 0.05);
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});

test("no other number of columns would have made larger tiles", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 2000 }),
      fc.integer({ min: 300, max: 1500 }),
      fc.integer({ min: 1, max: 30 }),
      (width, height, count) => {
        const [tile] = gridLayout({
          width,
          height,
          count,
          gap: 8,
          aspect: ASPECT,
          minTileWidth: 0,
        }).tiles;
        assert.ok(tile);
        for (let columns = 1; columns <= count; columns += 1) {
          const rows = Math.ceil(count / columns);
          const cellWidth = (width - 8 * (columns - 1)) / columns;
          const cellHeight = (height - 8 * (rows - 1)) / rows;
          const possibleWidth = Math.min(cellWidth, cellHeight * ASPECT.max);
          const possibleHeight = Math.min(cellHeight, cellWidth / ASPECT.min);
          // Whole pixels cost at most one row and one column of pixels.
          const possible = (possibleWidth - 1) * (possibleHeight - 1);
          assert.ok(possible <= tile.width * tile.height + tile.width + tile.height + 2);
        }
      },
    ),
    { numRuns: 200, seed: 11 },
  );
});

test("usual numbers fill most of usual windows", () => {
  for (const [width, height] of [
    [1416, 812],
    [1000, 680],
    [740, 376],
  ] as const) {
    for (const people of [1, 2, 3, 4, 6, 9, 12, 16, 25]) {
      const { people: tiles, floatingSelf } = callLayout({ width, height, people, screens: 0 });
      if (floatingSelf) continue;
      const filled = share(tiles, width, height);
      assert.ok(filled > 0.6, `${people} in ${width}×${height} fill ${filled.toFixed(2)}`);
    }
  }
});

test("a crowd scrolls instead of shrinking away", () => {
  const layout = callLayout({ width: 1416, height: 812, people: 120, screens: 0 });
  assert.ok(layout.peopleContent.height > 812);
  assert.ok((layout.people[0]?.width ?? 0) >= 168);
  assertApart(layout.people);
});

test("on a phone the own picture floats over the only other one", () => {
  for (const [width, height] of [
    [378, 712],
    [720, 376],
  ] as const) {
    const layout = callLayout({ width, height, people: 2, screens: 0 });
    assert.equal(layout.floatingSelf, true);
    const [other, self] = layout.people;
    assert.deepEqual(other, { x: 0, y: 0, width, height });
    assert.ok(self && self.width * self.height < (width * height) / 6);
    assertInside(layout.people, width, height);
  }
  assert.equal(callLayout({ width: 1000, height: 700, people: 2, screens: 0 }).floatingSelf, false);
});

test("a shared screen takes the stage, the people the strip beside or below it", () => {
  const desktop = callLayout({ width: 1416, height: 812, people: 5, screens: 1 });
  const [screen] = desktop.screens;
  assert.ok(screen);
  assert.ok(share([screen], 1416, 812) > 0.75);
  assert.ok(desktop.peopleArea.x >= screen.x + screen.width);
  assertInside(desktop.people, desktop.peopleContent.width, desktop.peopleContent.height);

  const phone = callLayout({ width: 378, height: 712, people: 5, screens: 1 });
  const [phoneScreen] = phone.screens;
  assert.ok(phoneScreen);
  assert.ok(phone.peopleArea.y >= phoneScreen.y + phoneScreen.height);
  assert.ok(phone.peopleContent.width > 378, "the strip scrolls sideways");

  const two = callLayout({ width: 1416, height: 812, people: 3, screens: 2 });
  assert.equal(two.screens.length, 2);
  assertApart(two.screens);
});

test("an area that is not measured yet holds nothing", () => {
  assert.deepEqual(callLayout({ width: 0, height: 0, people: 4, screens: 1 }).people, []);
  assert.deepEqual(grid(0, 100, 4).tiles, []);
  assert.deepEqual(grid(100, 100, 0).tiles, []);
});
