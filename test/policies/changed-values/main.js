// The stack program with values that the test changes.
export default () => import("./index.ts").then(() => undefined);
