// The stack program with a plan that it was given by mistake: the policies still know the real one.
export default () => import("./index.ts").then(() => undefined);
