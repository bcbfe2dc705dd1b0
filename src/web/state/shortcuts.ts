export type ShortcutAction = "microphone" | "camera" | "screen" | "hand" | "chat" | "push-to-talk";

/** What a key press carries, as a DOM KeyboardEvent has it. */
export interface KeyPress {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Where the focus is: keys belong to the field that is typed in, space to the button it presses. */
export type FocusPlace = "page" | "control" | "typing";

const ACTIONS: Readonly<Record<string, ShortcutAction>> = {
  m: "microphone",
  v: "camera",
  s: "screen",
  h: "hand",
  c: "chat",
  " ": "push-to-talk",
};

/** The action that a key stands for during a call, or null. */
export function shortcutAction(press: KeyPress, focus: FocusPlace): ShortcutAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return null;
  if (focus === "typing") return null;
  const action = ACTIONS[press.key.toLowerCase()] ?? null;
  return action === "push-to-talk" && focus === "control" ? null : action;
}
