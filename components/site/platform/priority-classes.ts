/** Who is scheduled first when a site comes up with too few nodes. */
import * as pulumi from "@pulumi/pulumi";
import { PriorityClass } from "@pulumi/kubernetes/scheduling/v1/priorityClass.js";
import type { Plan } from "../../../plan/index.ts";
import { priorityClassName } from "../../kit/kubernetes/index.ts";

/** Far below the system's own classes, which start at two thousand million. */
const highest = 1_000_000;
const step = 100_000;

/** One class for each tier of the plan; the jobs share the first tier's. */
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
