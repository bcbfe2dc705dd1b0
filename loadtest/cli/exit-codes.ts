export const EXIT = {
  passed: 0,
  /** A threshold broke. */
  failed: 1,
  /** The command line, the scenario or the deployment doesn't allow it. */
  misused: 2,
  /** The generator was the limit. */
  notAResult: 3,
  interrupted: 130,
} as const;
