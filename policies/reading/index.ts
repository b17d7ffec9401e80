export { findCronJob, type CronJobFound } from "./cron-jobs.ts";
export { stackPlan } from "./plan.ts";
export { findSite, type SiteFound } from "./site.ts";
export { types } from "./types.ts";
export { envOf, hasKey, listAt, numberAt, ofType, regionOf, textAt, valueAt, type Found } from "./values.ts";
