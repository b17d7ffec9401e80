"""Patches ministack where it differs from AWS; refuses to start if a patched function is missing.

- Its own replication is disabled: it would bypass the gateways that isolate regions.
- Object Lock headers, default retention and tags also apply to multipart uploads and copies.
- A copy does not inherit the lock of its source.
- Ranges and part numbers also apply to requests with a version ID.
- Tags of a version can be read while a delete marker is current.
- CreateSecret creates the requested replicas.
- Subscribe returns the ARN of a pending subscription if ReturnSubscriptionArn is set.
"""

import functools
import re
import sys
from urllib.parse import parse_qsl


def replace(module, name, make):
    original = getattr(module, name, None)
    if not callable(original):
        sys.exit(f"ministack has no {module.__name__}.{name}; adapt emulator_corrections.py to this version")
    setattr(module, name, functools.wraps(original)(make(original)))


def apply(s3, sns, secrets):
    replicate_new_secrets(secrets)
    return_subscription_arns(sns)
    for name in ("_maybe_replicate", "_maybe_replicate_delete_marker"):
        replace(s3, name, lambda original: lambda *args, **kwargs: None)
    part_sizes = {}
    keep_arrival_headers(s3, part_sizes)
    lock_copies(s3)
    slice_versions(s3, part_sizes)
    show_hidden_tags(s3)


def current_version(s3, bucket, key):
    return s3._buckets[bucket]["objects"][key].get("version_id")


def keep_arrival_headers(s3, part_sizes):
    """Applies the lock and tag headers of CreateMultipartUpload to the completed object."""

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
                finish(bucket, key, arrival)
            return response

        return run

    def finish(bucket, key, arrival):
        version = current_version(s3, bucket, key)
        s3._apply_object_lock_from_headers(bucket, key, arrival, version)
        tags = dict(parse_qsl(arrival.get("x-amz-tagging", ""), keep_blank_values=True))
        if tags:
            s3._object_tags[(bucket, key, version)] = tags
        parts = s3._buckets[bucket]["objects"][key].get("parts") or []
        part_sizes[(bucket, key, version)] = [part["Size"] for part in parts]

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
                version = current_version(s3, bucket, key)
                for locks in (s3._object_retention, s3._object_legal_hold):
                    locks.pop((bucket, key, version), None)
                s3._apply_object_lock_from_headers(bucket, key, headers, version)
            return response

        return run

    replace(s3, "_copy_object", copy)


def slice_versions(s3, part_sizes):
    def asked_slice(bucket, key, headers, query, size):
        part = s3._qp(query, "partNumber", "")
        sizes = part_sizes.get((bucket, key, s3._qp(query, "versionId", "")))
        if part.isdigit() and sizes and 0 < int(part) <= len(sizes):
            start = sum(sizes[: int(part) - 1])
            return start, start + sizes[int(part) - 1] - 1
        return s3._parse_range(headers["range"], size) if headers.get("range") else (0, size - 1)

    def get(original):
        def run(bucket, key, headers, query=None):
            status, answered, body = original(bucket, key, headers, query)
            version = s3._qp(query or {}, "versionId", "")
            if status != 200 or not version or not (headers.get("range") or "partNumber" in query):
                return status, answered, body
            wanted = asked_slice(bucket, key, headers, query, len(body))
            if wanted is None:
                refusal = {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}
                return 416, refusal, s3._xml_body(s3._range_error_xml(bucket, key))
            start, end = wanted
            # The checksum of the whole object does not apply to a slice.
            kept = {name: value for name, value in answered.items() if not name.lower().startswith("x-amz-checksum-")}
            kept["Content-Length"] = str(end - start + 1)
            kept["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
            if "partNumber" in query:
                kept["x-amz-mp-parts-count"] = str(len(part_sizes.get((bucket, key, version), [])) or 1)
            return 206, kept, body[start : end + 1]

        return run

    replace(s3, "_get_object", get)


def show_hidden_tags(s3):
    def get_tags(original):
        def run(bucket, key, query=None):
            version = s3._qp(query or {}, "versionId", "")
            known = s3._object_versions.get((bucket, key), [])
            is_hidden = bucket in s3._buckets and key not in s3._buckets[bucket]["objects"]
            found = any(v["version_id"] == version and not v.get("is_delete_marker") for v in known)
            if not (is_hidden and found):
                return original(bucket, key, query)
            root = s3.Element("Tagging", xmlns=s3.S3_NS)
            tag_set = s3.SubElement(root, "TagSet")
            for name, value in s3._object_tags.get((bucket, key, version), {}).items():
                tag = s3.SubElement(tag_set, "Tag")
                s3.SubElement(tag, "Key").text = name
                s3.SubElement(tag, "Value").text = value
            return 200, {"Content-Type": "application/xml", "x-amz-version-id": version}, s3._xml_body(root)

        return run

    replace(s3, "_get_object_tagging", get_tags)


def return_subscription_arns(sns):
    def subscribe(original):
        def run(params):
            status, headers, body = original(params)
            asked = (sns._p(params, "ReturnSubscriptionArn") or "").lower() == "true"
            if status != 200 or not asked or b"pending confirmation" not in body:
                return status, headers, body
            topic, _ = sns._get_topic(sns._p(params, "TopicArn"), "sns:Subscribe")
            wanted = (sns._p(params, "Protocol"), sns._p(params, "Endpoint"))
            arn = next(s["arn"] for s in topic["subscriptions"] if (s["protocol"], s["endpoint"]) == wanted)
            return status, headers, body.replace(b"pending confirmation", arn.encode())

        return run

    replace(sns, "_subscribe", subscribe)


def replicate_new_secrets(secrets):
    def create(original):
        def run(data):
            response = original(data)
            if response[0] == 200 and data.get("AddReplicaRegions"):
                replicated = secrets._replicate_secret_to_regions({**data, "SecretId": data["Name"]})
                if replicated[0] != 200:
                    return replicated
            return response

        return run

    replace(secrets, "_create_secret", create)
