/** In-memory buckets over HTTP, for code that opens its own S3 client: list and read. Other calls are accepted. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GetObjectCommand, ListObjectsV2Command, S3ServiceException } from "@aws-sdk/client-s3";
import type { FakeBuckets } from "./fake-bucket.ts";

export interface ServedBuckets {
  endpoint: string;
  stop(): void;
}

export async function serveBuckets(buckets: () => FakeBuckets): Promise<ServedBuckets> {
  const server = createServer((request, response) => {
    request.resume();
    answer(buckets(), request, response).catch((error: unknown) => {
      const { name = "Error", $metadata } = error as Partial<S3ServiceException>;
      response.writeHead($metadata?.httpStatusCode ?? 500, { "content-type": "application/xml" });
      response.end(`<Error><Code>${name}</Code><Message>${name}</Message></Error>`);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(buckets: FakeBuckets, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://s3");
  if (request.method !== "GET") {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
    return;
  }
  const [, bucket = "", ...key] = url.pathname.split("/");
  if (url.searchParams.get("list-type") === "2") {
    const [Prefix, StartAfter] = [url.searchParams.get("prefix") ?? "", url.searchParams.get("start-after") ?? ""];
    const { Contents = [] } = await buckets.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, StartAfter }));
    const rows = Contents.map(
      ({ Key, ETag, Size, LastModified }) =>
        `<Contents><Key>${Key}</Key><ETag>${ETag}</ETag><Size>${Size}</Size>` +
        `<LastModified>${LastModified?.toISOString()}</LastModified></Contents>`,
    );
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${rows.join("")}</ListBucketResult>`);
    return;
  }
  const Key = decodeURIComponent(key.join("/"));
  const { Body, ETag, LastModified } = await buckets.send(new GetObjectCommand({ Bucket: bucket, Key }));
  response.writeHead(200, { etag: ETag, "last-modified": LastModified?.toUTCString() });
  response.end(await Body?.transformToString());
}
