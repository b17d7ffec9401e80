/** Transport shared by jobs, commands and the drill: time limits, HTTP, CBOR. Imports nothing of the product. */
export { decode, encode, Float, joinMap, splitMap, Tagged, tags, type Value } from "./cbor.ts";
export { ask, parsedBody, RequestError, type WholeAnswer } from "./http.ts";
export { inTime } from "./in-time.ts";
