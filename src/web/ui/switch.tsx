export interface SwitchProps {
  label: string;
  /** What turning it on does, and what it costs. */
  hint: string;
  checked: boolean;
  testId: string;
  onChange: (checked: boolean) => void;
}

/** A choice between yes and no that needs a word of explanation. */
export function Switch({ label, hint, checked, testId, onChange }: SwitchProps) {
  const hintId = `${testId}-hint`;
  return (
    <>
      <label className="switch">
        <input
          type="checkbox"
          data-testid={testId}
          checked={checked}
          aria-describedby={hintId}
          onChange={(event) => {
            onChange(event.target.checked);
          }}
        />
        {label}
      </label>
      <p className="hint" id={hintId}>
        {hint}
      </p>
    </>
  );
}
