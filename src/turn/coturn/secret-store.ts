import type { DatabaseSync } from "node:sqlite";

/**
 * The database in which coturn looks secrets up on each new allocation, so that they change without
 * a restart. An allocation that stands keeps the key it was made with.
 */
export class SecretStore {
  readonly #database: DatabaseSync;
  readonly #realm: string;

  /** Makes the file; the folder it lies in keeps others out. */
  constructor(file: string, realm: string) {
    this.#realm = realm;
    // Only here, because Node 22 warns of the module as soon as it is loaded.
    const sqlite = process.getBuiltinModule("node:sqlite");
    this.#database = new sqlite.DatabaseSync(file, { timeout: 1_000 });
    // As coturn's own schema has it; it makes the other tables itself.
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS turn_secret (realm varchar(127) default '', value varchar(127), primary key (realm,value))",
    );
  }

  /** Without any, nobody gets an allocation any more. */
  replace(secrets: readonly string[]): void {
    const insert = this.#database.prepare(
      "INSERT OR REPLACE INTO turn_secret (realm, value) VALUES (?, ?)",
    );
    this.#database.exec("BEGIN");
    this.#database.exec("DELETE FROM turn_secret");
    for (const secret of secrets) insert.run(this.#realm, secret);
    this.#database.exec("COMMIT");
  }

  close(): void {
    this.#database.close();
  }
}
