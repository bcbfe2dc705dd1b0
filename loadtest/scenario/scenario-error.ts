/** What is wrong with a scenario file, one line for each problem with its place. */
export class ScenarioError extends Error {
  readonly code = "bad-scenario";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ScenarioError";
    this.problems = problems;
  }
}
