export { siteImages, type SiteImages } from "./images.ts";
export { Site, type SiteArgs } from "./site.ts";
