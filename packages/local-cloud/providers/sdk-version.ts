/** Version of the installed SDK package; the engine warns if the provider has another one. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export function sdkVersion(packageName: string): string {
  const manifest = JSON.parse(readFileSync(require.resolve(`@pulumi/${packageName}/package.json`), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
