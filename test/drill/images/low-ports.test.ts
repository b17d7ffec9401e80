import { expect } from "chai";
import { withOffset } from "../../../drill/images/low-ports.ts";

describe("ports of Services on machines with privileged low ports", () => {
  it("are offset for Services, by name or address", () => {
    for (const host of ["authentication", "web.default.svc", "web.default.svc.cluster.local", "127.33.0.7"]) {
      expect(withOffset(8000, { host, port: 80 })).to.deep.equal({ host, port: 8080 });
    }
    expect(withOffset(8000, { host: "web", port: "80" })).to.deep.equal({ host: "web", port: 8080 });
  });

  it("are unchanged for all others", () => {
    const others = [
      { host: "surrealdb", port: 8000 },
      { host: "127.0.0.1", port: 80 },
      { host: "localhost", port: 80 },
      { host: "api.vapora.example", port: 443 },
      { path: "/run/socket" },
      { port: 80 },
    ];
    for (const options of others) expect(withOffset(8000, options)).to.equal(options);
  });
});
