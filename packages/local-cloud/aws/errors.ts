/** Error responses in the format of each AWS protocol, so that SDKs parse code and message. */
import type { IncomingHttpHeaders } from "node:http";
import { cbor } from "@smithy/core/cbor";

export interface ErrorReply {
  contentType: string;
  body: Buffer;
}

/** Generic error code for an HTTP status. */
export function codeOf(status: number, service: string): string {
  const codes: Record<number, string> = {
    400: "BadRequest",
    403: "AccessDenied",
    404: "NotFound",
    409: "Conflict",
    429: "ThrottlingException",
    500: service === "s3" ? "InternalError" : "InternalFailure",
    503: service === "s3" ? "SlowDown" : "ServiceUnavailable",
  };
  return codes[status] ?? (status < 500 ? "BadRequest" : "InternalFailure");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** An S3 error; `fields` become further XML elements, e.g. `Region`. */
function s3Error(code: string, message: string, fields: Record<string, string> = {}): ErrorReply {
  const all = Object.entries({ Code: code, Message: message, ...fields });
  const elements = all.map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join("");
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements}</Error>`);
  return { contentType: "application/xml", body };
}

/** An error in the protocol of the request. */
export function errorReply(service: string, headers: IncomingHttpHeaders, code: string, message: string): ErrorReply {
  if (service === "s3") return s3Error(code, message);
  if (headers["smithy-protocol"] === "rpc-v2-cbor")
    return { contentType: "application/cbor", body: Buffer.from(cbor.serialize({ __type: code, message })) };
  if (!String(headers["content-type"]).includes("form")) {
    const contentType = headers["content-type"] ?? "application/json";
    return { contentType, body: Buffer.from(JSON.stringify({ __type: code, message })) };
  }
  const body = `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`;
  return { contentType: "text/xml", body: Buffer.from(body) };
}
