/** What people still have to do before the plan can be relied on: no error, but nothing to be silent about. */
import type { Plan } from "./schema/plan.ts";

export interface OpenPoint {
  /** e.g. `contacts[3]`. */
  readonly path: string;
  readonly what: string;
}

/** Contacts that nobody has verified and signatures that are missing. */
export function openPoints(plan: Pick<Plan, "contacts" | "governance">): OpenPoint[] {
  const contacts = plan.contacts.flatMap(({ verified, assignedPerIncident, position }, index) =>
    verified || assignedPerIncident ? [] : [{ path: `contacts[${index}]`, what: `${position}: never reached so far` }],
  );
  const signatures = plan.governance.signOff.flatMap(({ position, signedOn }, index) =>
    signedOn ? [] : [{ path: `governance.signOff[${index}]`, what: `${position}: has not signed` }],
  );
  return [...contacts, ...signatures];
}
