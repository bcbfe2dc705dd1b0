/** The agents of a run did not come, or could not begin. */
export class AgentsError extends Error {
  readonly code = "agents";
}
