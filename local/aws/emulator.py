"""Runs ministack on a free port of 127.0.0.1 until standard input ends, corrected where S3 in it is not like S3.

Prints one line of JSON, {"port": ...}, when it is about to serve. Corrections, each refused at the start if the part
of ministack that it corrects is not where it was:
- it never copies objects between buckets itself: replication is done, region by region, outside it;
- Object Lock headers, the bucket's default retention and tags hold for multipart uploads and copies, too;
- a copy does not inherit the lock of its source.
"""

import asyncio
import functools
import json
import os
import re
import socket
import sys
import threading
from urllib.parse import parse_qsl


def end_with_parent():
    def wait():
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def replace(module, name, make):
    original = getattr(module, name, None)
    if not callable(original):
        sys.exit(f"ministack has no {module.__name__}.{name} any more: it needs another correction")
    setattr(module, name, functools.wraps(original)(make(original)))


def never_replicate(s3):
    for name in ("_maybe_replicate", "_maybe_replicate_delete_marker"):
        replace(s3, name, lambda original: lambda *args, **kwargs: None)


def keep_arrival_headers(s3):
    """Lock and tag headers come with CreateMultipartUpload, but concern the object that the completion makes."""

    def create(original):
        def run(bucket, key, headers):
            response = original(bucket, key, headers)
            if response[0] == 200:
                upload = re.search(rb"<UploadId>([^<]+)", response[2]).group(1).decode()
                s3._multipart_uploads[upload]["arrival_headers"] = dict(headers)
            return response

        return run

    def complete(original):
        def run(bucket, key, body, query, headers=None):
            upload = s3._multipart_uploads.get(s3._qp(query, "uploadId")) or {}
            arrival = upload.get("arrival_headers")
            response = original(bucket, key, body, query, headers)
            if response[0] == 200 and arrival is not None:
                version = s3._buckets[bucket]["objects"][key].get("version_id")
                s3._apply_object_lock_from_headers(bucket, key, arrival, version)
                tags = dict(parse_qsl(arrival.get("x-amz-tagging", ""), keep_blank_values=True))
                if tags:
                    s3._object_tags[(bucket, key, version)] = tags
            return response

        return run

    replace(s3, "_create_multipart_upload", create)
    replace(s3, "_complete_multipart_upload", complete)


def lock_copies(s3):
    def copy(original):
        def run(bucket, key, headers):
            refused = s3._object_lock_header_error(bucket, headers)
            if refused:
                return refused
            response = original(bucket, key, headers)
            if response[0] == 200:
                version = s3._buckets[bucket]["objects"][key].get("version_id")
                for locks in (s3._object_retention, s3._object_legal_hold):
                    locks.pop((bucket, key, version), None)
                s3._apply_object_lock_from_headers(bucket, key, headers, version)
            return response

        return run

    replace(s3, "_copy_object", copy)


def main():
    end_with_parent()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.services import s3

    never_replicate(s3)
    keep_arrival_headers(s3)
    lock_copies(s3)

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(json.dumps({"port": port}), flush=True)
    asyncio.run(serve(app, config))


main()
