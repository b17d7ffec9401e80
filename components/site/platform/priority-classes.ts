/** Priority classes: which pods are scheduled first while a site has too few nodes. */
import * as pulumi from "@pulumi/pulumi";
import { PriorityClass } from "@pulumi/kubernetes/scheduling/v1/priorityClass.js";
import type { Plan } from "../../../plan/index.ts";
import { priorityClassName } from "../../kit/kubernetes/index.ts";

/** Far below the system's classes, which start at 2,000,000,000. */
const highest = 1_000_000;
const step = 100_000;

/** One class for each tier of the plan; the continuity jobs use that of tier 1. */
export const priorityClasses = (
  namespace: string,
  tiers: Plan["tiers"],
  opts: pulumi.CustomResourceOptions,
): PriorityClass[] =>
  tiers.map(
    ({ tier, name }) =>
      new PriorityClass(
        priorityClassName(namespace, tier),
        {
          metadata: { name: priorityClassName(namespace, tier) },
          value: highest - (tier - 1) * step,
          description: `Tier ${tier} of the continuity plan: ${name}`,
        },
        opts,
      ),
  );
