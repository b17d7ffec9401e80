/** Entry point of the local jobs image, bundled for a fast start. */
import { runJob } from "../../../jobs/main.ts";

void runJob(process.argv.slice(2), process.env).then(({ status, result }) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(status));
});
