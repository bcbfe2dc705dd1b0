/**
 * Why a resource of the SFU was closed. `asked` is by the one who uses the SFU, `unused` is the
 * last user of a router, a link or a pipe going; the others name the owner that went first.
 */
export type CloseReason =
  | "asked"
  | "unused"
  | "producer-closed"
  | "transport-closed"
  | "room-closed"
  | "worker-died"
  | "sfu-closed";
