import { PRODUCT } from "../strings.ts";

/** The mark: a speech bubble that is a keyhole. */
export function Brand() {
  return (
    <p className="brand">
      <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden>
        <rect width="32" height="32" rx="9" className="brand-ground" />
        <path d="M9 23.5V14a7 7 0 0 1 14 0v2a7 7 0 0 1-7 7h-2.5z" className="brand-bubble" />
        <circle cx="16" cy="14" r="2.2" className="brand-ground" />
        <path d="M16 14.5v4.2" className="brand-key" />
      </svg>
      {PRODUCT}
    </p>
  );
}
