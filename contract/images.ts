/** Names of the container images. */

/** Where the images of services and jobs come from, unless the stack's configuration names another place. */
export const defaultImages = {
  imageRegistry: "registry.vapora.example/vapora",
  imageTag: "1.0.0",
  databaseImage: "surrealdb/surrealdb:v3.0.3",
} as const;

/** Image of the continuity jobs. */
export const jobsImage = (images: { imageRegistry: string; imageTag: string }): string =>
  `${images.imageRegistry}/continuity-jobs:${images.imageTag}`;
