import { expect } from "chai";
import { CannotRun } from "../../../continuity/cannot-run.ts";
import { missingImages, refuseMissingImages } from "../../../drill/laboratory/missing-images.ts";

const pod = (name: string, image: string, reason: string, list = "containerStatuses") => ({
  metadata: { name },
  status: { [list]: [{ image, state: { waiting: { reason } } }] },
});

const running = { metadata: { name: "well" }, status: { containerStatuses: [{ image: "a:1", state: {} }] } };

describe("images that the local stack does not have", () => {
  it("are found in every kind of container, once for each image", () => {
    const items = [
      running,
      pod("cart-1", "cart:9", "ImagePullBackOff"),
      pod("cart-2", "cart:9", "ErrImagePull"),
      pod("test-1", "scratch:9", "ErrImagePull", "initContainerStatuses"),
      pod("slow", "b:1", "ContainerCreating"),
      { metadata: { name: "new" } },
    ];
    expect([...missingImages({ items })]).to.deep.equal([
      ["cart:9", ["cart-1", "cart-2"]],
      ["scratch:9", ["test-1"]],
    ]);
  });

  it("stop a drill within a moment, with what to correct", async () => {
    const answers: object[] = [{ items: [running] }, { items: [pod("cart-1", "cart:9", "ErrImagePull")] }];
    const paths: string[] = [];
    const kubernetes = {
      namespace: "shop",
      get: async (path: string) => {
        paths.push(path);
        const next = answers.shift();
        if (!next) throw new Error("asked too often");
        return next;
      },
    };
    const error = await refuseMissingImages(kubernetes, new AbortController().signal, 0.01).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(CannotRun);
    expect((error as Error).message).to.match(/cart-1.*cart:9.*no such image.*correct image/s);
    expect(paths).to.deep.equal(Array(2).fill("/api/v1/namespaces/shop/pods"));
  });

  it("are not looked for in a cluster that does not answer, or after the work has ended", async () => {
    const abort = new AbortController();
    let asked = 0;
    const kubernetes = {
      namespace: "shop",
      get: async (): Promise<object> => {
        if (++asked === 3) abort.abort();
        throw new Error("no route");
      },
    };
    const never = refuseMissingImages(kubernetes, abort.signal, 0.01).then(
      () => "settled",
      () => "settled",
    );
    const wait = new Promise((resolve) => setTimeout(() => resolve("waiting"), 150));
    expect(await Promise.race([never, wait])).to.equal("waiting");
    expect(asked).to.equal(3);
  });
});
