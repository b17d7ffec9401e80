"""Runs the patched ministack on a free port of 127.0.0.1 until end of file on standard input.

Prints one line of JSON, {"port": ...}, before it serves.
"""

import asyncio
import json
import os
import socket
import threading

import control_plane_corrections
import emulator_corrections


def end_with_parent():
    def wait():
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main():
    end_with_parent()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)  # read when ministack is imported

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.core import iam_evaluator
    from ministack.services import eks, route53, s3, secretsmanager, sns

    emulator_corrections.apply(s3, sns, secretsmanager)
    control_plane_corrections.apply(eks, iam_evaluator, route53)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(json.dumps({"port": port}), flush=True)
    asyncio.run(serve(app, config))


main()
