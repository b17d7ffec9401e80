export { findCronJob, findJob, type CronJobFound, type KnownJob } from "./jobs.ts";
export { siteRule, stackRule } from "./rule.ts";
export { stackJobsImage, stackPlan, stackSetting } from "./stack.ts";
export { types } from "./types.ts";
export {
  envOf,
  hasKey,
  listAt,
  numberAt,
  ofType,
  regionOf,
  textAt,
  textsAt,
  valueAt,
  withText,
  type Found,
  type Report,
} from "./values.ts";
