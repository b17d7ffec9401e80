/** What can go wrong between the provider and an API server, told apart by what the provider does about it. */
import { isObject, type Json, type JsonObject } from "../values.ts";

export interface Cause {
  field: string;
  message: string;
}

/** The API server answered, and refused. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: Cause[];

  constructor(code: number, status: Json) {
    const body: JsonObject = isObject(status) ? status : {};
    super(typeof body.message === "string" && body.message !== "" ? body.message : `the API server answered ${code}`);
    this.name = "ApiError";
    this.code = code;
    this.reason = String(body.reason ?? "");
    const details = isObject(body.details) ? body.details : {};
    const causes = Array.isArray(details.causes) ? details.causes.filter(isObject) : [];
    this.causes = causes.map((cause) => ({ field: String(cause.field ?? ""), message: String(cause.message ?? "") }));
  }
}

/** Nobody answered in time, or nobody is there. */
export class Unreachable extends Error {
  constructor(server: string, why: string, cause?: unknown) {
    super(`cannot reach the Kubernetes API server ${server}: ${why}`, { cause });
    this.name = "Unreachable";
  }
}

// The API has no code for "this field never changes"; these are its wordings, from Kubernetes 1.37's validation.
const neverChanges =
  /immutable|may not be (changed|modified|unset)|may not change|cannot (be )?change|can not be changed|updates? to .* (is|are) (forbidden|not allowed)|pod updates may not/i;

/** The fields that the server refuses to change in place: only replacing the object changes them. */
export function immutableFields(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== 422) return [];
  const fields = error.causes.filter((cause) => neverChanges.test(cause.message)).map((cause) => cause.field || "spec");
  if (fields.length === 0 && neverChanges.test(error.message)) return ["spec"];
  return [...new Set(fields)];
}

/** Whether the object itself is wrong: no retry, no other namespace and no replacement would make it right. */
export const isInvalidObject = (error: unknown): boolean =>
  error instanceof ApiError &&
  ((error.code === 422 && immutableFields(error).length === 0) ||
    error.code === 400 ||
    (error.code === 500 && /failed to create typed patch|unknown field/.test(error.message)));

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
