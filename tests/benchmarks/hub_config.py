"""JupyterHub's configuration for the benchmark; what differs from run to run is in a JSON file."""

import json
import os
import sys
from pathlib import Path

settings = json.loads(Path(os.environ["COURSE_HUB_SETTINGS"]).read_text(encoding="utf-8"))

c = get_config()  # noqa: F821 (JupyterHub puts it here)
c.JupyterHub.bind_url = settings["url"]
c.JupyterHub.hub_bind_url = settings["hub_url"]
c.JupyterHub.db_url = f"sqlite:///{settings['folder']}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret = bytes.fromhex(settings["cookie_secret"])
c.JupyterHub.cleanup_servers = True
c.JupyterHub.log_level = "WARN"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = settings["password"]
c.Authenticator.allowed_users = set(settings["learners"])
c.ConfigurableHTTPProxy.api_url = settings["proxy_url"]
c.ConfigurableHTTPProxy.auth_token = settings["proxy_token"]
c.ConfigurableHTTPProxy.command = [settings["proxy"]]
c.ConfigurableHTTPProxy.pid_file = f"{settings['folder']}/proxy.pid"
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = f"{settings['folder']}/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--log-level=WARN", *(["--allow-root"] if os.geteuid() == 0 else [])]
c.Spawner.default_url = "/lab"
c.Spawner.environment = settings["environment"]
c.Spawner.start_timeout = c.Spawner.http_timeout = settings["start_seconds"]
