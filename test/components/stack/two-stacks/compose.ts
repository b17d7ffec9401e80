/** How the stacks were composed while the primary site's stack owned what both sites share. */
import { deployShared } from "../../../../components/stack/deploy-shared.ts";
import { deploySite, siteArgs } from "../../../../components/stack/deploy-site.ts";
import { kubernetesProvider, regionalProviders } from "../../../../components/stack/providers.ts";
import type { SharedSettings, SiteSettings } from "../../../../components/stack/index.ts";
import { Site } from "../../../../components/site/index.ts";
import type { Plan } from "../../../../plan/index.ts";

/** One stack read every key. */
export type OneOfTwo = SiteSettings & Omit<SharedSettings, "site">;

export function deployTwoStacks(settings: OneOfTwo, plan: Plan): Site {
  if (settings.site === "alternate") return deploySite(settings, plan);
  const aws = regionalProviders(settings);
  const { store, access } = deployShared(settings, plan, aws);
  const options = { providers: [aws.primary, kubernetesProvider(settings)], dependsOn: access };
  return new Site("primary", { ...siteArgs(settings, plan), store }, options);
}
