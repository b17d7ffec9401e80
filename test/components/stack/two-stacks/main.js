// Like the entry of the stack program.
export default async () => ({ ...(await import("./index.ts")) });
