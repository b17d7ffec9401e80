export { serveProvider, type ServedProvider } from "./server.ts";
