export { accessProblems, AccessKeys, type AccessKeysArgs } from "./access-keys.ts";
