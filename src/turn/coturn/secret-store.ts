import type { DatabaseSync } from "node:sqlite";

/**
 * All tables of coturn's own schema. It would make those that are missing when its first clients
 * come, and while one of its threads does so it tells the clients of the others that their good
 * credential is wrong.
 */
const TABLES = [
  "turnusers_lt (realm varchar(127) default '', name varchar(512), hmackey char(128), primary key (realm,name))",
  "turn_secret (realm varchar(127) default '', value varchar(127), primary key (realm,value))",
  "allowed_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range))",
  "denied_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range))",
  "turn_origin_to_realm (origin varchar(127), realm varchar(127), primary key (origin))",
  "turn_realm_option (realm varchar(127) default '', opt varchar(32), value varchar(128), primary key (realm,opt))",
  "oauth_key (kid varchar(128), ikm_key varchar(256), timestamp bigint default 0, lifetime integer default 0, as_rs_alg varchar(64) default '', realm varchar(127) default '', primary key (kid))",
  "admin_user (name varchar(32), realm varchar(127), password varchar(127), primary key (name))",
];

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
    for (const table of TABLES) this.#database.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
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
