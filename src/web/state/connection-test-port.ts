import type { DiagnoseOptions, DiagnosisStep } from "../../client/diagnosis/index.ts";
import type { InputKind } from "./devices-port.ts";

/** The part of the SDK that tries a connection. Loaded only when somebody wants that. */
export interface DiagnosisSdk {
  diagnose(options: DiagnoseOptions): Promise<void>;
}

/** What the browser says of an input, without asking anybody. */
export type InputPermission = "granted" | "prompt" | "denied" | "missing" | "unknown";

export type PermissionOf = (kind: InputKind) => Promise<InputPermission>;

/** A step of the connection, or an input of this machine. */
export type TestStep =
  | DiagnosisStep
  | {
      readonly check: InputKind;
      readonly state: "ok" | "failed";
      readonly permission: InputPermission;
    };
