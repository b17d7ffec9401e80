import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { childOptions } from "../../../components/kit/child-options.ts";
import { startMocks } from "../../support/pulumi-mocks.ts";

class Part extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:Part", name);
  }
}

describe("childOptions()", () => {
  let [parent, namespace, secret]: Part[] = [];
  before(async () => {
    await startMocks();
    [parent, namespace, secret] = ["parent", "namespace", "secret"].map((name) => new Part(name));
  });

  it("makes a child wait for what its component waits for, and for its own needs after that", () => {
    const options = childOptions(parent!, { dependsOn: [namespace!] }, secret!);
    expect(options.parent).to.equal(parent);
    expect(options.dependsOn).to.have.ordered.members([namespace, secret]);
  });

  it("adds nothing to a component that waits for nothing", () => {
    expect(childOptions(parent!, undefined).dependsOn).to.deep.equal([]);
    expect(childOptions(parent!, {}, secret!).dependsOn).to.have.ordered.members([secret]);
  });

  it("leaves the component's own list as it is", () => {
    const dependsOn = [namespace!];
    childOptions(parent!, { dependsOn }, secret!);
    expect(dependsOn).to.have.ordered.members([namespace]);
  });
});
