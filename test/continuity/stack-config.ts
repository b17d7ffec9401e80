/** What both sites' stacks configure alike, without the project's name. */
export const sharedConfig = {
  namePrefix: "vapora",
  namespace: "vapora",
  primaryRegion: "eu-west-1",
  alternateRegion: "eu-central-1",
  publicHostname: "api.vapora.example",
  primaryHostname: "p.vapora.example",
  alternateHostname: "a.vapora.example",
};

/** The alternate site's stack, on standby. */
export const standbyConfig = { ...sharedConfig, site: "alternate", role: "standby" };
