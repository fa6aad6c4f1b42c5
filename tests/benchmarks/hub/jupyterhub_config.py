"""JupyterHub's configuration for the benchmark; what differs from run to run is in a JSON file."""

import hmac
import json
import os
import sys
from pathlib import Path

from jupyterhub.auth import Authenticator

settings = json.loads(Path(os.environ["COURSE_HUB_SETTINGS"]).read_text(encoding="utf-8"))


class ClassList(Authenticator):
    """Each learner has a password of their own."""

    async def authenticate(self, handler, data):
        expected = settings["passwords"].get(data["username"], "")
        right = hmac.compare_digest(expected.encode(), data["password"].encode())
        return data["username"] if expected and right else None


c = get_config()  # noqa: F821 (JupyterHub puts it here)
c.JupyterHub.bind_url = f"http://127.0.0.1:{settings['port']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings['hub_port']}"
c.JupyterHub.db_url = f"sqlite:///{settings['folder']}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret = bytes.fromhex(settings["cookie_secret"])
c.JupyterHub.cleanup_servers = True
c.JupyterHub.authenticator_class = ClassList
c.JupyterHub.log_level = "WARN"
c.Authenticator.allowed_users = set(settings["passwords"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings['proxy_port']}"
c.ConfigurableHTTPProxy.auth_token = settings["proxy_token"]
c.ConfigurableHTTPProxy.command = [settings["proxy"]]
c.ConfigurableHTTPProxy.pid_file = f"{settings['folder']}/proxy.pid"

c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--log-level=WARN"]
c.Spawner.default_url = "/lab"
c.Spawner.environment = settings["environment"]
c.Spawner.start_timeout = c.Spawner.http_timeout = settings["start_seconds"]
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
if os.geteuid() == 0:
    c.Spawner.args.append("--allow-root")
c.SimpleLocalProcessSpawner.home_dir_template = f"{settings['homes']}/{{username}}"
