export type { DiagnoseOptions } from "./diagnose.ts";
export { diagnose } from "./diagnose.ts";
export type { DiagnosisCheck, DiagnosisReason, DiagnosisStep } from "./diagnosis-step.ts";
export { diagnosisChecks } from "./diagnosis-step.ts";
