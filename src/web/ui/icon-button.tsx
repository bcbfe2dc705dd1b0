import type { LucideIcon } from "lucide-react";
import type { Ref } from "react";

export interface IconButtonProps {
  icon: LucideIcon;
  label: string;
  /** A single key that does the same. */
  shortcut?: string | undefined;
  tone?: "plain" | "off" | "active" | "danger";
  testId: string;
  onClick: () => void;
  disabled?: boolean;
  /** For buttons that open something that stays. */
  expanded?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A round button with an icon; its label appears when it is pointed at or has the focus. */
export function IconButton(props: IconButtonProps) {
  const { icon: Icon, label, shortcut, tone = "plain", testId, onClick, ref } = props;
  return (
    <button
      ref={ref}
      type="button"
      className={`icon-button tone-${tone}`}
      aria-label={label}
      aria-keyshortcuts={shortcut}
      data-tip={shortcut === undefined ? label : `${label} (${shortcut})`}
      data-testid={testId}
      disabled={props.disabled}
      aria-expanded={props.expanded}
      onClick={onClick}
    >
      <Icon aria-hidden size={22} />
    </button>
  );
}
