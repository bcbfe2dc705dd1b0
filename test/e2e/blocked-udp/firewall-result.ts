/** What the scenario prints for each firewall. */
export interface FirewallResult {
  readonly firewall: string;
  /** Of both connections: what kind of candidate is used, and by what protocol. */
  readonly ways: readonly string[];
  /** From asking to join until the first picture of the other one, in milliseconds. */
  readonly firstPictureMs: number;
}
