/** Errors of the API server, classified by how the provider handles them. */
import { isObject, type Json, type JsonObject } from "../values.ts";

export interface Cause {
  field: string;
  message: string;
}

/** The API server responded with an error. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: Cause[];

  constructor(code: number, status: Json) {
    const body: JsonObject = isObject(status) ? status : {};
    super(
      typeof body.message === "string" && body.message !== ""
        ? body.message
        : `the API server responded with status ${code}`,
    );
    this.name = "ApiError";
    this.code = code;
    this.reason = String(body.reason ?? "");
    const details = isObject(body.details) ? body.details : {};
    const causes = Array.isArray(details.causes) ? details.causes.filter(isObject) : [];
    this.causes = causes.map((cause) => ({ field: String(cause.field ?? ""), message: String(cause.message ?? "") }));
  }
}

/** No connection, or no response in time. */
export class Unreachable extends Error {
  constructor(server: string, why: string, cause?: unknown) {
    super(`cannot reach the Kubernetes API server ${server}: ${why}`, { cause });
    this.name = "Unreachable";
  }
}

// The API has no code for immutable fields; these are the messages of Kubernetes 1.37's validation.
const neverChanges =
  /immutable|may not be (changed|modified|unset)|may not change|cannot (be )?change|can not be changed|updates? to .* (is|are) (forbidden|not allowed)|pod updates may not/i;

/** Fields that the server reports as immutable. */
export function immutableFields(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== 422) return [];
  const fields = error.causes.filter((cause) => neverChanges.test(cause.message)).map((cause) => cause.field || "spec");
  if (fields.length === 0 && neverChanges.test(error.message)) return ["spec"];
  return [...new Set(fields)];
}

/** Whether the object itself is invalid, in any namespace. */
export const isInvalidObject = (error: unknown): boolean =>
  error instanceof ApiError &&
  ((error.code === 422 && immutableFields(error).length === 0) ||
    error.code === 400 ||
    (error.code === 500 && /failed to create typed patch|unknown field/.test(error.message)));

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
