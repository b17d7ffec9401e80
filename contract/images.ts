/** Names of the container images. */

/** Versions that the stack's configuration may replace. */
export const defaultImages = {
  imageTag: "1.0.0",
  databaseImage: "surrealdb/surrealdb:v3.0.3",
} as const;

/** Image of the continuity jobs. */
export const jobsImage = (images: { imageRegistry: string; imageTag: string }): string =>
  `${images.imageRegistry}/continuity-jobs:${images.imageTag}`;
