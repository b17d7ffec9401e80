/** Compares the settings with what the stack has already, before anything is registered. */
import * as pulumi from "@pulumi/pulumi";
import { bytesOf, describeProblem, inProject, type Problem, type Role } from "../../contract/index.ts";
import type { Plan } from "../../plan/index.ts";
import { knownOf, ownState, type OwnState } from "./own-state.ts";
import { claimBefore, clusterBefore, isFailover, refusedChanges } from "./refused-changes.ts";
import type { Settings, SiteSettings } from "./settings.ts";

/** The settings, completed by what an existing stack must keep; throws one error that lists every refused change. */
export async function onExistingStack(settings: Settings, plan: Plan): Promise<Settings> {
  const before = await ownState();
  const { problems, unlessFailover } = refusedChanges(before, settings, plan);
  const failover = settings.site !== "shared" && isFailover(before, settings);
  const line = (one: Problem): string => describeProblem(inProject(one));
  if (failover)
    for (const warning of unlessFailover) void pulumi.log.warn(`not applied by this failover: ${line(warning)}`);
  const found = failover ? problems : [...problems, ...unlessFailover];
  if (found.length > 0) {
    const lines = found.map((one) => `  ${line(one)}`);
    throw new pulumi.RunError(
      `stack ${pulumi.getStack()}: ${found.length} change(s) that an existing stack cannot make\n${lines.join("\n")}`,
    );
  }
  return settings.site === "shared" ? settings : { ...settings, ...kept(before, settings, failover) };
}

const roles: readonly Role[] = ["active", "standby", "isolated"];

function kept(before: OwnState, settings: SiteSettings, failover: boolean): Partial<SiteSettings> {
  const claim = claimBefore(before)?.storage;
  const grows = claim !== undefined && bytesOf(settings.databaseStorage) > bytesOf(claim);
  const { role } = before.outputs;
  return {
    roleBefore: roles.find((name) => name === role),
    clusterIdentifier: settings.clusterIdentifier ?? identifierBefore(before, settings),
    // A failover neither waits for an expansion nor depends on it.
    claimedStorage: grows && !failover ? claim : undefined,
  };
}

/**
 * The identifier that the cluster's objects have in the state, if it is still the same cluster: another one would
 * replace all of them.
 */
function identifierBefore(before: OwnState, { cluster, clusterName }: SiteSettings): string | undefined {
  // A cluster that the stack creates has an identity of its own.
  if (cluster === "created" || clusterBefore(before) !== clusterName) return undefined;
  const [provider] = knownOf(before, "pulumi:providers:kubernetes");
  const identifier = provider?.outputs["clusterIdentifier"];
  return typeof identifier === "string" ? identifier : undefined;
}
