/** Entry point of the local jobs image: the jobs' own program, in a form that starts as fast as it can. */
import { runJob } from "../../../jobs/main.ts";

void runJob(process.argv.slice(2), process.env).then(({ status, result }) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(status));
});
