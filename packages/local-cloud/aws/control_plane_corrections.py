"""Patches ministack's control planes of EKS and Route 53 where they differ from AWS.

- A pod identity association is refused while its role does not exist.
- A cluster keeps the settings of Auto Mode and others that ministack drops.
- UpdateClusterConfig and UpdateClusterVersion exist, and take effect at once.
- Tags of clusters, access entries and associations are those that TagResource set.
- Route 53 writes booleans in lower case, and keeps the regions and children of health checks.
"""

import json
import re

from emulator_corrections import replace

# Members of CreateCluster that ministack does not store.
KEPT = ("computeConfig", "storageConfig", "upgradePolicy", "zonalShiftConfig", "deletionProtection")


def apply(eks, evaluator, route53):
    require_roles(eks, evaluator)
    keep_cluster_settings(eks)
    update_clusters(eks)
    show_tags(eks)
    lower_case_booleans(route53)
    keep_health_check_lists(route53)


def require_roles(eks, evaluator):
    def refusal(body):
        if evaluator.validate_role_arn(body.get("roleArn", "")) is None:
            return None
        return eks._error(400, "InvalidParameterException", "Role provided in the request does not exist.")

    def create(original):
        def run(cluster, body):
            refused = refusal(body) if cluster in eks._clusters else None
            return refused or original(cluster, body)

        return run

    def update(original):
        return lambda cluster, ident, body: refusal(body) or original(cluster, ident, body)

    replace(eks, "_create_pod_identity_association", create)
    replace(eks, "_update_pod_identity_association", update)


def keep_cluster_settings(eks):
    def create(original):
        def run(body, creator_arn=None):
            response = original(body, creator_arn)
            if response[0] == 200:
                merge(eks._clusters[body["name"]], body)
            return response

        return run

    replace(eks, "_create_cluster", create)


def merge(cluster, body):
    for name in KEPT:
        if name in body:
            cluster[name] = body[name]
    for name in ("resourcesVpcConfig", "kubernetesNetworkConfig", "accessConfig"):
        cluster[name] = {**cluster.get(name, {}), **body.get(name, {})}
    if "logging" in body:
        cluster["logging"] = body["logging"]


def update_clusters(eks):
    routes = {"update-config": "ConfigUpdate", "updates": "VersionUpdate"}

    def handle(original):
        def run(method, path, headers, body_bytes, query_params):
            found = re.fullmatch(r"/clusters/([A-Za-z0-9_-]+)/(update-config|updates)", path)
            if method != "POST" or not found:
                return original(method, path, headers, body_bytes, query_params)
            name, kind = found.groups()
            cluster = eks._clusters.get(name)
            if not cluster:
                return eks._error(404, "ResourceNotFoundException", f"No cluster found for name: {name}.")
            body = json.loads(body_bytes)
            merge(cluster, body)
            cluster["version"] = body.get("version", cluster["version"])
            update = {"id": eks.new_uuid(), "status": "Successful", "type": routes[kind], "createdAt": eks._now()}
            return eks._json_resp(200, {"update": update})

        return run

    replace(eks, "_handle_request_sync", handle)


def show_tags(eks):
    def show(member, arn):
        def describe(original):
            def run(*args):
                status, headers, body = original(*args)
                if status != 200:
                    return status, headers, body
                answer = json.loads(body)
                answer[member]["tags"] = dict(eks._tags.get(answer[member][arn], {}))
                return status, headers, json.dumps(answer).encode()

            return run

        return describe

    replace(eks, "_describe_cluster", show("cluster", "arn"))
    replace(eks, "_describe_access_entry", show("accessEntry", "accessEntryArn"))
    replace(eks, "_describe_pod_identity_association", show("association", "associationArn"))


def lower_case_booleans(route53):
    def build(original):
        def run(parent, check):
            config = {
                name: str(value).lower() if isinstance(value, bool) else value
                for name, value in check.get("config", {}).items()
            }
            return original(parent, {**check, "config": config})

        return run

    replace(route53, "_build_health_check_el", build)


def keep_health_check_lists(route53):
    def parse(original):
        def run(element):
            config = original(element)
            for name, member in (("Regions", "Region"), ("ChildHealthChecks", "ChildHealthCheck")):
                found = route53._find(element, name)
                if found is not None:
                    config[name] = [item.text or "" for item in route53._findall(found, member)]
            return config

        return run

    replace(route53, "_parse_health_check_config", parse)
