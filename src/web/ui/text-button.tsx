export interface TextButtonProps {
  readonly testId: string;
  readonly text: string;
  /** The one thing to do here; all others are quiet. */
  readonly primary?: boolean;
  readonly onClick: () => void;
}

/** A button that says in words what it does. */
export function TextButton({ testId, text, primary = false, onClick }: TextButtonProps) {
  return (
    <button
      type="button"
      className={primary ? "button primary" : "button quiet"}
      data-testid={testId}
      onClick={onClick}
    >
      {text}
    </button>
  );
}
