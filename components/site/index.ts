export { siteImages, type SiteImages } from "./images.ts";
export { PodIdentities, type PodIdentitiesArgs } from "./pod-identities.ts";
export { Site, type SiteArgs } from "./site.ts";
