/** Transport shared by jobs, commands and the drill: time limits, HTTP, CBOR. Imports nothing of the product. */
export { decode, encode, Float, joinMap, splitMap, Tagged, tags, type Fields, type Value } from "./cbor.ts";
export {
  ask,
  parsedBody,
  RequestError,
  send,
  wholeBody,
  type Answer,
  type RequestArgs,
  type WholeAnswer,
} from "./http.ts";
export { inTime, TooLate } from "./in-time.ts";
