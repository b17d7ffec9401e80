/** Image of the continuity jobs. */
export const jobsImage = (images: { imageRegistry: string; imageTag: string }): string =>
  `${images.imageRegistry}/continuity-jobs:${images.imageTag}`;
