/** Container images of a site. */
import { jobsImage } from "../../contract/index.ts";

export interface SiteImages {
  /** Image of a service, by its id in the plan. */
  service: (serviceId: string) => string;
  /** Image of the continuity jobs. */
  jobs: string;
  /** Image of the database. */
  database: string;
}

export interface ImageNames {
  /** Registry and path, e.g. `registry.example.com/shop`. */
  imageRegistry: string;
  /** Tag of the images of services and jobs. */
  imageTag: string;
  /** Full name of the database image, with its tag. */
  databaseImage: string;
}

export const siteImages = ({ imageRegistry, imageTag, databaseImage }: ImageNames): SiteImages => ({
  service: (serviceId) => `${imageRegistry}/${serviceId}:${imageTag}`,
  jobs: jobsImage({ imageRegistry, imageTag }),
  database: databaseImage,
});
