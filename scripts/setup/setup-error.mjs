/**
 * Something the person at the keyboard has to mend: `message` says what is
 * missing, `remedy` the command or step that mends it. Shown without a stack.
 */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} [remedy]
   */
  constructor(message, remedy) {
    super(message);
    this.name = "SetupError";
    this.remedy = remedy;
  }
}
