# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the three lists may hold. Each case is one wrong thing in lists that are right, and what is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._servers.registry import SERVERS as REGISTERED
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App, parse_app
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import Hosting, parse, parse_recorded_app
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone
from ansible_collections.hostel.python.plugins.module_utils._spec.python import parse_python
from ansible_collections.hostel.python.plugins.module_utils._spec.servers import SERVERS
from ansible_collections.hostel.python.plugins.module_utils._spec.source import NO_SOURCE, Source
from ansible_collections.hostel.python.plugins.module_utils._spec.tenant import parse_tenant
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "sha256:" + "0" * 64
RIGHT: dict[str, Any] = {
    "python_versions": [{"version": "3.11"}, {"version": "3.13", "source": "uv"}],
    "tenants": [
        {
            "name": "alice",
            "limits": {
                "memory": "512M",
                "cpu": "100%",
                "tasks": 100,
                "io_read": "20M",
                "io_write": "20M",
                "connections": 20,
                "disk": "2G",
            },
        },
        {"name": "bob"},
    ],
    "apps": [
        {
            "name": "blog",
            "tenant": "alice",
            "urls": ["blog.example.org", "www.example.org/blog/"],
            "python": "3.13",
            "server": "auto",
            "entrypoint": "passenger_wsgi:application",
            "source": {"git": "https://git.example.org/blog.git", "version": "v1.0"},
            "requirements": ["wagtail", ".[x]", "-c constraints.txt"],
            "env": {"DJANGO_SETTINGS_MODULE": "mysite.settings", "PORT": 80},
            "static": [{"url": "/static", "path": "static files/"}],
            "persist": ["db.sqlite3", "./media/"],
            "hooks": {"before_live": [["python", "manage.py", "migrate"], "echo $HOME"]},
            "health": {"path": "/up?full=1", "status": 200, "timeout": "30s"},
            "timeouts": {"read": "1h"},
            "body_limit": "20M",
            "idle_timeout": "5m",
            "state": "started",
        },
        {"name": "data", "tenant": "bob", "urls": ["www.example.org"], "python": "3.11", "source": {"local": "data"}},
    ],
}


def parsed(**changes: Any) -> Hosting:
    return parse({**copy.deepcopy(RIGHT), **changes})


def lines_of(wanted: dict[str, Any]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(wanted)
    assert all("\n" not in line for line in caught.value.lines)
    return caught.value.lines


def with_app(**changes: Any) -> dict[str, Any]:
    wanted = copy.deepcopy(RIGHT)
    wanted["apps"][0].update(changes)
    return wanted


def test_everything_right() -> None:
    hosting = parsed()
    alice, bob = hosting.tenants
    assert (alice.limits.memory, alice.limits.cpu, alice.limits.disk) == (512 * 1024**2, 100, 2 * 1024**3)
    assert bob.limits.memory is None
    blog = hosting.apps[0]
    assert blog.urls == (Url("blog.example.org"), Url("www.example.org", "/blog"))
    assert blog.source == Source("git", "https://git.example.org/blog.git", version="v1.0")
    assert blog.env == (("DJANGO_SETTINGS_MODULE", "mysite.settings"), ("PORT", "80"))
    assert [(folder.url, folder.path) for folder in blog.static] == [("/static/", "static files")]
    assert blog.persist == ("db.sqlite3", "media/")
    assert [hook.argv for hook in blog.before_live] == [
        ("python", "manage.py", "migrate"),
        ("/bin/sh", "-c", "echo $HOME"),
    ]
    assert (blog.health.path, blog.health.status, blog.health.timeout) == ("/up?full=1", (200, 200), 30)
    assert (blog.timeouts.read, blog.timeouts.send) == (3600, 60)
    assert (blog.body_limit, blog.idle_timeout) == (20 * 1024**2, 300)


def test_nothing_at_all() -> None:
    assert parse({}) == Hosting((), (), ())
    assert parse({"apps": None, "tenants": [], "python_versions": ()}) == Hosting((), (), ())


APP_CASES: list[tuple[str, Any, str]] = [
    # names
    ("name", "blog.x", "lower-case letters, digits and dashes"),
    ("name", "a/b", "lower-case letters"),
    ("name", "a b", "lower-case letters"),
    ("name", "-a", "lower-case letters"),
    ("name", "a-", "not end with a dash"),
    ("name", "Blog", "lower-case letters"),
    ("name", "a" * 41, "1 to 40"),
    ("name", "blog\n", "control characters (here U+000A)"),
    ("name", "a\0", "control characters (here U+0000)"),
    ("name", "", "must not be empty"),
    ("name", 7, "put it in quotes"),
    ("name", None, "name: is missing"),
    ("tenant", "zoe", "'zoe' is not declared; declared: alice, bob"),
    ("tenant", None, "tenant: is missing"),
    ("tenant", "../bob", "lower-case letters"),
    # URLs
    ("urls", ["http://x.org"], "without a scheme"),
    ("urls", ["//x.org"], "without a scheme"),
    ("urls", ["x.org:80"], "port"),
    ("urls", ["[::1]/x"], "port or an IPv6"),
    ("urls", ["x.org/#a"], "fragment"),
    ("urls", ["x.org/?a"], "query"),
    ("urls", ["me@x.org"], "user"),
    ("urls", ["x.org/../a"], "must not have '..'"),
    ("urls", ["x.org/a/./b"], "must not have '.'"),
    ("urls", ["x.org/a//b"], "two slashes"),
    ("urls", ["x.org//"], "two slashes"),
    ("urls", ["x.org/a\nb"], "control characters"),
    ("urls", ["x.org\n"], "control characters"),
    ("urls", ["x.org/a b"], "letters, digits"),
    ("urls", ["x.org/%41"], "no encoding"),
    ("urls", ["x.org/.htaccess"], "no dot in front"),
    *[("urls", [f"x.org/a{mark}b"], "urls[0]") for mark in "\"'$;\\{}<>|`*^!,=+&()[]é"],
    *[("urls", [f"x{mark}y.org"], "urls[0]") for mark in "\"'$;\\{}<>|`*^!,=+&()[] _%"],
    ("urls", ["*.x.org"], "wildcard"),
    ("urls", ["/blog"], "must begin with a host name"),
    ("urls", [".x.org"], "single dots"),
    ("urls", ["x..org"], "single dots"),
    ("urls", ["-x.org"], "dash at either end"),
    ("urls", ["a" * 64 + ".org"], "at most 63"),
    ("urls", [".".join(["a" * 60] * 5)], "253 in all"),
    ("urls", ["x.org/" + "a" * 201], "at most 200"),
    ("urls", ["1.2.3.4.5"], "don't end in a number"),
    ("urls", ["straße.de"], "xn-- form"),
    ("urls", ["x.org", "X.org/"], "'x.org' is given twice"),
    ("urls", [], "must not be empty"),
    ("urls", None, "urls: is missing"),
    ("urls", "x.org", "must be a list"),
    ("urls", [7], "put it in quotes"),
    # Python, server, entry point
    ("python", 3.10, "the number 3.1: must be a string; put it in quotes"),
    ("python", "3.10", "'3.10' is not declared; declared: 3.11, 3.13"),
    ("python", "2.7", "version of Python 3"),
    ("python", "../3.11", "version of Python 3"),
    ("python", None, "python: is missing"),
    ("server", "apache", "must be one of auto, passenger, uvicorn"),
    ("server", "unicorn", "must be one of auto, passenger, uvicorn"),
    ("interface", "scgi", "must be one of wsgi, asgi, cgi, http"),
    ("entrypoint", "app", "module:callable"),
    ("entrypoint", "app:", "module:callable"),
    ("entrypoint", ":app", "module:callable"),
    ("entrypoint", "app:f(1)", "module:callable"),
    ("entrypoint", "a b:c", "module:callable"),
    ("entrypoint", "../app.py:application", "startup file must not have .."),
    ("entrypoint", "/app.py:application", "relative"),
    ("entrypoint", "app:x;y", "module:callable"),
    ("entrypoint", "app:import", "module:callable"),
    ("entrypoint", "app:x\ny", "control characters"),
    # source
    ("source", None, "source: is missing; give one of local, git"),
    ("source", "src", "must be a mapping, not a string"),
    ("source", {}, "source: no kind is given"),
    ("source", {"local": "a", "package": "b"}, "local and package are given"),
    ("source", {"locla": "a"}, "did you mean 'local'?"),
    ("source", {"git": "https://x.org/a"}, "source.version: is missing"),
    ("source", {"git": "-x", "version": "a"}, "must be a URL"),
    ("source", {"git": "ext::sh -c id", "version": "a"}, "must be a URL"),
    ("source", {"git": "ssh://-oProxyCommand=x/y", "version": "a"}, "must be a URL"),
    ("source", {"git": "a@-b:c", "version": "a"}, "must be a URL"),
    ("source", {"git": "https://x.org/a", "version": "--upload-pack=x"}, "branch, a tag or a commit"),
    ("source", {"git": "https://x.org/a", "version": 1.10}, "put it in quotes"),
    ("source", {"git": "https://x.org/a", "version": "a..b"}, "branch, a tag or a commit"),
    ("source", {"archive": "https://x.org/a.tar.gz"}, "source.checksum: is missing"),
    ("source", {"archive": "ftp://x.org/a", "checksum": DIGEST}, "https, http or file"),
    ("source", {"archive": "/a/../b", "checksum": DIGEST}, "must not have .."),
    ("source", {"archive": "https://x.org/a", "checksum": "md5:00"}, "64 hexadecimal digits"),
    ("source", {"package": "--index-url=x"}, "one requirement"),
    ("source", {"package": "a\nb"}, "control characters"),
    ("source", {"package": "datasette", "version": "1.0"}, "write the version into the requirement"),
    ("source", {"in_place": "relative"}, "absolute"),
    ("source", {"in_place": "/"}, "root folder"),
    ("source", {"local": ""}, "must not be empty"),
    # requirements
    ("requirements", "flask", "must be a list"),
    ("requirements", ["--index-url https://x.org"], "must not be an option"),
    ("requirements", ["-e ."], "must not be an option"),
    ("requirements", ["flask --pre"], "must not have options"),
    ("requirements", ["a\nb"], "control characters"),
    ("requirements", ["a \\"], "backslash"),
    ("requirements", ["-r ../x"], "must not have .."),
    ("requirements", ["/etc"], "outside the source"),
    ("requirements", ["../x"], "outside the source"),
    ("requirements", [1.0], "put it in quotes"),
    ("requirements_file", "/etc/passwd", "relative"),
    ("requirements_file", "a/../../b", "must not have .."),
    ("requirements_file", "folder/", "without a slash"),
    ("build", "yes", "true or false"),
    # static, persist
    ("static", {"url": "/s/", "path": "s"}, "must be a list of mappings"),
    ("static", [{"url": "/s/"}], "static[0].path: is missing"),
    ("static", [{"url": "s", "path": "s"}], "must begin with a slash"),
    ("static", [{"url": "/", "path": "s"}], "whole app"),
    ("static", [{"url": "/s//", "path": "s"}], "two slashes"),
    ("static", [{"url": "/a b/", "path": "s"}], "letters, digits"),
    ("static", [{"url": "/s/", "path": "../s"}], "must not have .."),
    ("static", [{"url": "/s/", "path": "/s"}], "relative"),
    ("static", [{"url": "/s/", "path": "a\0"}], "control characters"),
    ("static", [{"url": "/s/", "path": "é" * 121}], "240 bytes"),
    ("static", [{"url": "/s/", "path": "a"}, {"url": "/s", "path": "b"}], "given twice"),
    ("static", [{"url": "/s/", "path": "a", "pth": 1}], "static[0].pth: unknown key; did you mean 'path'?"),
    ("persist", "media", "must be a list"),
    ("persist", ["/var"], "relative"),
    ("persist", ["."], "dots alone"),
    ("persist", ["./"], "must name something"),
    ("persist", ["a//b"], "single slashes"),
    ("persist", ["a/../b"], "must not have .."),
    ("persist", ["a\nb"], "control characters"),
    ("persist", ["it's"], "quotes or backslashes"),
    ("persist", ["media", "media/"], "overlap"),
    ("persist", ["media/images", "media"], "overlap"),
    # hooks
    ("hooks", [["a"]], "must be a mapping"),
    ("hooks", {"after_live": []}, "unknown key"),
    ("hooks", {"before_live": "echo"}, "must be a list"),
    ("hooks", {"before_live": [[]]}, "list of arguments"),
    ("hooks", {"before_live": [""]}, "list of arguments"),
    ("hooks", {"before_live": [["", "x"]]}, "name a program"),
    ("hooks", {"before_live": [["a", True]]}, "in quotes"),
    ("hooks", {"before_live": [["a", "b\0c"]]}, "NUL"),
    ("hooks", {"before_live": ["a\0"]}, "NUL"),
    # health, timeouts, limits of requests
    ("health", {"path": "up"}, "path below the app's URL"),
    ("health", {"path": "/a b"}, "path below the app's URL"),
    ("health", {"path": "/a#b"}, "no fragment"),
    ("health", {"path": "/\r\nX: y"}, "control characters"),
    ("health", {"status": [200]}, "one status, or two"),
    ("health", {"status": [399, 200]}, "must not be greater"),
    ("health", {"status": 99}, "from 100 to 599"),
    ("health", {"status": "ok"}, "from 100 to 599"),
    ("health", {"timeout": "0s"}, "from 1s to 1h"),
    ("health", {"timeout": float("nan")}, "duration"),
    ("timeouts", {"connect": "2m"}, "from 1s to 75s"),
    ("timeouts", {"red": "2m"}, "did you mean 'read'?"),
    ("body_limit", "lots", "or unlimited"),
    ("body_limit", -1, "or unlimited"),
    ("idle_timeout", "often", "or never"),
    ("idle_timeout", False, "or never"),
    ("state", "present", "must be one of started, stopped, absent"),
    # environment
    ("env", "A=b", "must be a mapping, not a string"),
    ("env", {"A-B": "x"}, "env.A-B: a name has only"),
    ("env", {"1A": "x"}, "env.1A: a name has only"),
    ("env", {1: "x"}, "the name must be a string"),
    ("env", {"A": True}, "env.A: the value must be a string; put it in quotes"),
    ("env", {"A": 1.5}, "env.A: the value must be a string; put it in quotes"),
    ("env", {"A": None}, "env.A: the value must be a string; put it in quotes"),
    ("env", {"A": ["x"]}, "not a list"),
    ("env", {"A": "x\0"}, "control character U+0000"),
    ("env", {"A": "x\r"}, "control character U+000D"),
    ("env", {"LISTEN_FDS": "1"}, "systemd sets this variable"),
    ("env", {"OPTIND": "x"}, "the shell keeps this name"),
    # keys
    ("requirments", ["x"], "requirments: unknown key; did you mean 'requirements'?"),
    ("colour", "red", "colour: unknown key; allowed are"),
]


@pytest.mark.parametrize(("key", "value", "said"), APP_CASES)
def test_wrong_app(key: str, value: Any, said: str) -> None:
    found = lines_of(with_app(**{key: value}))
    about = [line for line in found if said in line]
    assert about, found
    where = about[0].split(": ")
    assert where[0] in ("app 'blog'", "apps[0]") or key == "name"
    assert where[1].startswith(key)


TENANT_CASES: list[tuple[dict[str, Any], str]] = [
    *[({"name": name}, "is reserved") for name in ("root", "www-data", "nobody", "daemon", "hostel-x", "systemd-x")],
    *[({"name": name}, "is reserved: /srv/hostel/") for name in ("sites", "staging")],
    *[
        ({"name": name}, "begin with a letter")
        for name in ("a.b", "a/b", "a b", "-a", "a-", "Alice", "1a", "a" * 32, "é", "a$", "_a", "..")
    ],
    ({"name": "a\n"}, "control characters"),
    ({"name": True}, "in quotes"),
    ({}, "tenants[2]: name: is missing"),
    ({"nmae": "carol"}, "nmae: unknown key; did you mean 'name'?"),
    ({"name": "bob"}, "tenant 'bob': name: is given 2 times"),
    ({"name": "carol", "uid": 0}, "whole number from 20000 to 59999"),
    ({"name": "carol", "state": "gone"}, "must be one of present, absent"),
    *[
        ({"name": "carol", "limits": limits}, said)
        for limits, said in (
            ({"memory": "15M"}, "limits.memory: '15M': must be a size like 512M or 2G, from 16M"),
            ({"memory": 512}, "limits.memory: the number 512"),
            ({"memory": "512 monkeys"}, "limits.memory"),
            ({"memory": "-1G"}, "limits.memory"),
            ({"memory": True}, "limits.memory"),
            ({"cpu": "0%"}, "limits.cpu: '0%': must be a percentage of one core"),
            ({"cpu": "half"}, "limits.cpu"),
            ({"cpu": 0.5}, "limits.cpu"),
            ({"tasks": 4}, "whole number from 5"),
            ({"tasks": "many"}, "whole number"),
            ({"tasks": 10.5}, "whole number"),
            ({"io_read": "1"}, "limits.io_read"),
            ({"io_write": "20M/s"}, "limits.io_write"),
            ({"connections": 0}, "whole number from 1"),
            ({"disk": "0"}, "limits.disk"),
            ({"memroy": "1G"}, "limits.memroy: unknown key; did you mean 'memory'?"),
            ("1G", "limits: must be a mapping, not a string"),
        )
    ],
]


@pytest.mark.parametrize(("tenant", "said"), TENANT_CASES)
def test_wrong_tenant(tenant: dict[str, Any], said: str) -> None:
    found = lines_of({**RIGHT, "tenants": [*RIGHT["tenants"], tenant]})
    assert any(said in line and line.startswith("tenant") for line in found), found


PYTHON_CASES: list[tuple[dict[str, Any], str]] = [
    ({"version": 3.12}, "python_versions[2]: version: the number 3.12"),
    ({"version": "three"}, 'like "3.13"'),
    ({"version": "3.12\n"}, "control characters"),
    ({"version": "3.11"}, "python '3.11': version: is given 2 times"),
    ({"version": "3.12.1", "source": "system"}, "the distribution decides"),
    ({"version": "3.12", "source": "conda"}, "must be one of system, uv, archive, build"),
    ({"version": "3.12", "source": "archive"}, "archive: is missing"),
    ({"version": "3.12", "source": "archive", "archive": "/a/b.tar"}, "checksum: is missing"),
    ({"version": "3.12", "source": "build"}, "either tarball and checksum, or"),
    ({"version": "3.12", "source": "build", "tarball": "/a/b.tar"}, "checksum: is missing"),
    ({"version": "3.12", "source": "build", "debian_package": "python3.12"}, "debian_suite: is missing"),
    ({"version": "3.12", "source": "build", "debian_package": "a;b", "debian_suite": "sid"}, "Debian package"),
    ({"version": "3.12", "source": "uv", "flags": ["-x"]}, "flags: means nothing with source uv"),
    ({"version": "3.12", "source": "uv", "mirror": "gopher://x"}, "https, http or file"),
    ({"version": "3.12", "sorce": "uv"}, "did you mean 'source'?"),
    ({"version": "3.12", "source": "uv", "state": "gone"}, "must be one of present, absent"),
]


@pytest.mark.parametrize(("python", "said"), PYTHON_CASES)
def test_wrong_python(python: dict[str, Any], said: str) -> None:
    found = lines_of({**RIGHT, "python_versions": [*RIGHT["python_versions"], python]})
    assert any(said in line and line.startswith("python") for line in found), found


@pytest.mark.parametrize("name", ["python_versions", "tenants", "apps"])
@pytest.mark.parametrize("wrong", ["text", {"a": 1}, 7, True])
def test_a_list_must_be_a_list(name: str, wrong: Any) -> None:
    assert any(line.startswith(f"{name}: must be a list, not") for line in lines_of({**RIGHT, name: wrong}))


def test_everything_is_said_at_once_with_each_subject() -> None:
    wanted = {
        "python_versions": [{"version": 3.10}],
        "tenants": [{"name": "root"}, "x"],
        "apps": [{"name": "a", "tenant": "b", "urls": ["x:1", "y#"]}, {"tenant": "-"}, None],
    }
    starts = [line.split(": ")[:2] for line in lines_of(wanted)]
    for expected in (
        ["python_versions[0]", "version"],
        ["tenant 'root'", "name"],
        ["tenants[1]", "must be a mapping with the keys of tenant, not a string"],
        ["app 'a'", "urls[0]"],
        ["app 'a'", "urls[1]"],
        ["app 'a'", "tenant"],
        ["app 'a'", "source"],
        ["apps[1]", "name"],
        ["apps[1]", "tenant"],
        ["apps[2]", "must be a mapping with the keys of app, not nothing"],
    ):
        assert expected in starts


def test_a_tenant_that_goes_while_its_apps_stay() -> None:
    wanted = copy.deepcopy(RIGHT)
    wanted["tenants"][0]["state"] = "absent"
    assert lines_of(wanted) == [
        "app 'blog': tenant: 'alice' has state absent; make the app absent too, or keep the tenant"
    ]


def test_an_absent_app_needs_its_name_alone() -> None:
    gone = parsed(apps=[{"name": "blog", "state": "absent"}]).apps[0]
    assert (gone.name, gone.tenant, gone.source, gone.state) == ("blog", "", NO_SOURCE, "absent")


def test_an_absent_app_frees_its_url_and_its_tenant() -> None:
    wanted = copy.deepcopy(RIGHT)
    wanted["apps"][1].update(urls=wanted["apps"][0]["urls"])
    wanted["apps"][0]["state"] = "absent"
    wanted["tenants"][0]["state"] = "absent"
    assert len(parse(wanted).apps) == 2


def test_two_apps_on_one_url() -> None:
    assert lines_of(with_app(urls=["a.org", "www.example.org"])) == [
        "app 'data': urls: 'www.example.org' belongs to app 'blog' already"
    ]


def test_a_static_folder_where_another_app_is_mounted() -> None:
    wanted = copy.deepcopy(RIGHT)
    wanted["apps"][1]["static"] = [{"url": "/blog/", "path": "x"}]
    assert lines_of(wanted) == ["app 'data': static: 'www.example.org/blog/' is where app 'blog' is mounted"]


def test_server_and_interface_must_fit() -> None:
    found = lines_of(with_app(server="uvicorn", interface="wsgi"))
    assert found[0].startswith("app 'blog': server: 'uvicorn' runs asgi, not wsgi; use auto or passenger")


def test_a_command_alone_says_which_server() -> None:
    asked = {"command": ["serve", "$PORT"], "entrypoint": None, "env": {}}
    app = parse(with_app(**asked)).apps[0]
    assert (app.server, app.command and app.command.argv) == ("command", ("serve", "$PORT"))
    assert parse(with_app(**asked, server="command")).apps[0] == app


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"server": "command"}, "app 'blog': command: is missing; say what listens, like [streamlit, run,"),
        ({"command": "serve"}, "app 'blog': entrypoint: give either this or command"),
        ({"command": "serve", "env": {"SOCKET": "x"}}, "app 'blog': env: SOCKET: a command is told by this variable"),
        ({"command": "serve", "server": "uvicorn"}, "app 'blog': command: server 'uvicorn' calls an entrypoint; use"),
        ({"command": "serve", "workers": 2}, "app 'blog': workers: server 'command' does not take it"),
        ({"command": "serve", "interface": "wsgi"}, "app 'blog': server: 'command' runs http, not wsgi"),
        ({"command": []}, "app 'blog': command: a list: must be a list of arguments"),
        ({"command": " ", "server": "command"}, "app 'blog': command: ' ': must be a list of arguments"),
    ],
)
def test_what_a_command_goes_with(asked: dict[str, Any], said: str) -> None:
    assert any(line.startswith(said) for line in lines_of(with_app(**asked)))


@pytest.mark.parametrize("entrypoint", ["hello.cgi", "cgi-bin/", "cgi-bin/deep/hello.py"])
@pytest.mark.parametrize("asked", [{"server": "cgi"}, {"interface": "cgi"}, {"server": "cgi", "interface": "cgi"}])
def test_a_cgi_script_is_a_path_without_a_callable(entrypoint: str, asked: dict[str, Any]) -> None:
    app = parse(with_app(**asked, entrypoint=entrypoint)).apps[0]
    assert app.entrypoint == entrypoint


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"entrypoint": "app.py"}, "must be module:callable"),
        ({"entrypoint": "cgi-bin/x", "server": "gunicorn"}, "a plain CGI script needs server: cgi"),
        ({"entrypoint": "cgi-bin/x", "server": "cgi", "interface": "wsgi"}, "must be module:callable"),
        ({"entrypoint": "app:app", "server": "cgi", "interface": "cgi"}, "interface: cgi starts scripts"),
        ({"entrypoint": "../x.cgi", "server": "cgi"}, "must not have .. in it"),
    ],
)
def test_what_a_cgi_script_goes_with(asked: dict[str, Any], said: str) -> None:
    (line,) = lines_of(with_app(**asked))
    assert line.startswith("app 'blog': entrypoint: ")
    assert said in line


def test_unicode_hosts_become_ascii() -> None:
    app = parse(with_app(urls=["BÜCHER.example/Ab", "xn--bcher-kva.example.", "10.0.0.1", "localhost"])).apps[0]
    assert [str(url) for url in app.urls] == [
        "xn--bcher-kva.example/Ab",
        "xn--bcher-kva.example",
        "10.0.0.1",
        "localhost",
    ]


def test_never_and_unlimited() -> None:
    app = parse(with_app(idle_timeout="never", body_limit="unlimited")).apps[0]
    assert (app.idle_timeout, app.body_limit) == (None, 0)


def test_secrets_stay_untold() -> None:
    secret = "hunter2"  # noqa: S105
    wanted = with_app(
        env={"A-B": secret, "C": [secret], "D": secret + "\r", "E": {"x": secret}},
        envs={"X": secret},
        source={"git": f"https://me:{secret}@x.org/a b", "version": "1"},
    )
    wanted["tenants"][1]["env"] = secret
    assert secret not in "\n".join(lines_of(wanted))
    assert secret not in repr(parse(with_app(env={"A": secret})))


def test_the_servers_of_the_inventory_are_those_there_are() -> None:
    assert set(SERVERS) == set(REGISTERED)
    assert all(name == server.name for name, server in REGISTERED.items())


def test_single_nouns() -> None:
    assert alone(parse_tenant, {"name": "alice", "limits": None}, "tenant").name == "alice"
    assert alone(parse_python, {"version": "3.11"}, "python").source == "system"
    with pytest.raises(SpecError, match="tenant 'root': name"):
        alone(parse_tenant, {"name": "root"}, "tenant")
    with pytest.raises(SpecError, match="must be a mapping"):
        alone(parse_app, [], "app")


def test_a_recorded_app_is_read_whatever_has_become_of_the_rules() -> None:
    app = parse_recorded_app({**RIGHT["apps"][0], "server": "gone", "future": 1})
    assert isinstance(app, App)
    assert (app.name, app.server) == ("blog", "auto")


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)


@given(st.sampled_from(sorted(RIGHT["apps"][0])), junk)
def test_whatever_an_app_holds_is_taken_or_explained(key: str, value: Any) -> None:
    try:
        parse(with_app(**{key: value}))
    except SpecError as error:
        assert error.lines
        assert all(line.isprintable() for line in error.lines)


@given(st.sampled_from(["python_versions", "tenants", "apps"]), junk)
def test_whatever_the_lists_hold_is_taken_or_explained(name: str, value: Any) -> None:
    try:
        parse({**RIGHT, name: value})
    except SpecError as error:
        assert error.lines


def test_threads_are_refused_where_an_app_runs_in_one() -> None:
    assert lines_of(with_app(server="gunicorn", interface="asgi", threads=4)) == [
        "app 'blog': threads: are for WSGI; an ASGI app runs in one thread: use workers"
    ]
    assert parse(with_app(server="gunicorn", interface="wsgi", threads=4)).apps[0].threads == 4
