"""A learner in the hub: logs in, starts a server, opens a lesson, runs it as JupyterLab would."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import requests
import websocket

from tests.benchmarks.hub.server import START_SECONDS, Hub

CELL_SECONDS = 600
_CALL_SECONDS = 120


class Cell(NamedTuple):
    """What a cell gave: its outputs as nbformat keeps them, errors, seconds until a picture."""

    outputs: list[dict[str, Any]]
    errors: list[str]
    first_picture: float | None


class Learner:
    """One learner.

    Attributes:
        token: for the learner's own server; made by the learner after logging in.
        session: the learner's browser, with the cookies of the login.
    """

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    # the hub

    def log_in(self) -> None:
        """Log in through the hub's form, and get a token for the learner's own server."""
        page = f"{self.hub.url}/hub/login"
        self.session.get(page, timeout=_CALL_SECONDS).raise_for_status()
        secret = self.hub.passwords[self.name]
        form = {"username": self.name, "password": secret, "_xsrf": self._xsrf()}
        reply = self.session.post(page, form, timeout=_CALL_SECONDS, allow_redirects=False)
        if reply.status_code != 302:
            raise RuntimeError(f"The hub did not let {self.name} in.")
        self.session.get(f"{self.hub.url}/hub/home", timeout=_CALL_SECONDS)  # a new _xsrf
        made = self.session.post(
            f"{self.hub.url}/hub/api/users/{self.name}/tokens",
            json={"note": "benchmark", "expires_in": 3600},
            headers={"X-XSRFToken": self._xsrf(), "Referer": f"{self.hub.url}/hub/home"},
            timeout=_CALL_SECONDS,
        )
        made.raise_for_status()
        self.token = made.json()["token"]

    def start_server(self) -> None:
        """Start the learner's own server and wait until it answers.

        Raises:
            TimeoutError: it did not, in time.
        """
        self._hub_call("POST", "/server")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            servers = self._hub_call("GET", "").json().get("servers", {})
            if servers.get("", {}).get("ready"):
                return
            time.sleep(0.3)
        raise TimeoutError(f"The server of {self.name} did not start in {START_SECONDS} seconds.")

    def _hub_call(self, method: str, path: str) -> requests.Response:
        url = f"{self.hub.url}/hub/api/users/{self.name}{path}"
        reply = requests.request(method, url, headers=self._headers(), timeout=_CALL_SECONDS)
        reply.raise_for_status()
        return reply

    def _xsrf(self) -> str:
        return self.session.cookies.get("_xsrf", path="/hub/") or ""

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    # the learner's server

    def call(self, method: str, path: str, **named: Any) -> requests.Response:
        """Call the learner's server; path: after "api/"."""
        url = f"{self.hub.url}/user/{self.name}/api/{path}"
        reply = requests.request(
            method, url, headers=self._headers(), timeout=_CALL_SECONDS, **named
        )
        reply.raise_for_status()
        return reply

    def upload(self, notebook: Path) -> None:
        """Put a notebook into the learner's home."""
        content = json.loads(notebook.read_text(encoding="utf-8"))
        body = {"type": "notebook", "format": "json", "content": content}
        self.call("PUT", f"contents/{notebook.name}", json=body)

    def open(self, notebook: str) -> Kernel:
        """Open a notebook of the learner's home: a kernel of its own, and a line to it."""
        body = {
            "path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"},
        }  # fmt: skip
        reply = self.call("POST", "sessions", json=body)
        return Kernel(self, reply.json()["kernel"]["id"])

    def cells(self, notebook: str) -> list[dict[str, Any]]:
        """A notebook's cells, as the learner's server has them."""
        reply = self.call("GET", f"contents/{notebook}")
        return list(reply.json()["content"]["cells"])


class Kernel:
    """A kernel behind the learner's server, reached through the hub's proxy by a websocket."""

    def __init__(self, learner: Learner, kernel_id: str) -> None:
        self.id, self._session = kernel_id, uuid.uuid4().hex
        address = learner.hub.url.replace("http://", "ws://", 1)
        self._line = websocket.create_connection(
            f"{address}/user/{learner.name}/api/kernels/{kernel_id}/channels"
            f"?session_id={self._session}",
            header=[f"Authorization: token {learner.token}"],
            timeout=_CALL_SECONDS,
            http_no_proxy=["127.0.0.1"],
        )

    def run(self, source: str) -> Cell:
        """Run a cell and wait for its end; RuntimeError if the kernel dies, or takes too long."""
        request = self._send(source)
        outputs: list[dict[str, Any]] = []
        errors: list[str] = []
        picture, replied, idle = None, False, False
        deadline = time.monotonic() + CELL_SECONDS
        began = time.monotonic()
        while not (replied and idle):
            message = self._receive(deadline)
            kind, content = message.get("msg_type"), message.get("content", {})
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                raise RuntimeError(f"The server says: kernel {content['execution_state']}.")
            if message.get("parent_header", {}).get("msg_id") != request:
                continue
            if kind == "execute_reply":
                replied = True
            elif kind == "status":
                idle = content["execution_state"] == "idle"
            elif kind in ("display_data", "execute_result", "update_display_data"):
                if picture is None and _is_picture(content["data"]):
                    picture = time.monotonic() - began
                outputs.append(_kept(kind, content))
            elif kind == "stream":
                outputs.append({"output_type": "stream", **content})
                if "rate exceeded" in content["text"]:  # the server has dropped what came then
                    errors.append(content["text"].strip().splitlines()[0])
            elif kind == "error":
                outputs.append({"output_type": "error", **content})
                errors.append(f"{content['ename']}: {content['evalue']}")
        return Cell(outputs, errors, picture)

    def close(self) -> None:
        """Hang up; the kernel goes on."""
        self._line.close()

    def _send(self, source: str) -> str:
        message_id = uuid.uuid4().hex
        header = {
            "msg_id": message_id, "msg_type": "execute_request", "session": self._session,
            "username": "", "version": "5.3", "date": "",
        }  # fmt: skip
        content = {
            "code": source, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = {
            "header": header, "parent_header": {}, "metadata": {}, "content": content,
            "channel": "shell", "buffers": [],
        }  # fmt: skip
        self._line.send(json.dumps(message))
        return message_id

    def _receive(self, deadline: float) -> dict[str, Any]:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise RuntimeError("The kernel did not answer in time.")
            self._line.settimeout(left)
            try:
                raw = self._line.recv()
            except websocket.WebSocketTimeoutException:
                continue
            if isinstance(raw, str) and raw:
                return dict(json.loads(raw))
            if raw == "":
                raise RuntimeError("The line to the kernel was cut.")
            # a binary message: a widget's buffers, which nobody draws here


def _is_picture(data: dict[str, Any]) -> bool:
    pictured = any(kind.startswith("image/") for kind in data)
    return pictured or "<img" in str(data.get("text/html", ""))


def _kept(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    fields = {"data": content["data"], "metadata": content.get("metadata", {})}
    if kind == "execute_result":
        return {"output_type": kind, "execution_count": content["execution_count"], **fields}
    return {"output_type": "display_data", **fields}
