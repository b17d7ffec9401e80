export { AccessKeys, type AccessKeysArgs } from "./access-keys.ts";
