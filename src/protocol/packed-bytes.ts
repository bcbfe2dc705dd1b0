/**
 * Several byte strings as one: each as its length (4 bytes, big-endian), then itself. Socket.IO
 * carries at most 10 binary attachments in a packet, and newcomers may be more.
 */
export function packBytes(items: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(items.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const item of items) {
    view.setUint32(at, item.length);
    packed.set(item, at + LENGTH_BYTES);
    at += LENGTH_BYTES + item.length;
  }
  return packed;
}

/** The items of `packBytes`, or undefined when the bytes are not such, or more than `maxItems`. */
export function unpackBytes(packed: Uint8Array, maxItems: number): Uint8Array[] | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const items: Uint8Array[] = [];
  for (let at = 0; at < packed.length;) {
    if (items.length >= maxItems || at + LENGTH_BYTES > packed.length) return undefined;
    const end = at + LENGTH_BYTES + view.getUint32(at);
    if (end > packed.length) return undefined;
    items.push(packed.slice(at + LENGTH_BYTES, end));
    at = end;
  }
  return items;
}

const LENGTH_BYTES = 4;
