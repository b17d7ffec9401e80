/**
 * Lossless CBOR for database values. Common decoders turn the float 1.0 into the integer 1 and fail on unknown tags;
 * here every value round-trips byte for byte, and equal values encode to equal bytes, so they can be hashed.
 * Why no library: docs/decisions/0026.
 */
export { decode, splitMap } from "./cbor-decode.ts";
export { encode, joinMap } from "./cbor-encode.ts";
export { Float, Tagged, tags, type Fields, type Value } from "./cbor-values.ts";
