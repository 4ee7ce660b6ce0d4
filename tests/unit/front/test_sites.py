# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's files for apps and their hosts."""

from __future__ import annotations

import dataclasses

from ansible_collections.hostel.python.plugins.module_utils._front import sites as _sites
from ansible_collections.hostel.python.plugins.module_utils._servers.model import Route
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import MANAGED
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._spec.static import StaticFolder
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from ansible_collections.hostel.python.plugins.module_utils._spec.waiting import Timeouts

BLOG = App(
    name="blog",
    tenant="alice",
    urls=(Url("blog.example.org"), Url("www.example.org", "/blog")),
    python="3.13",
    source=Source("package", "blog"),
    static=(StaticFolder("/static/", "static"), StaticFolder("/media/", "media/public")),
    persist=("media/", "db.sqlite3"),
)
SHOP = App(
    name="shop",
    tenant="bob",
    urls=(Url("www.example.org", "/blog/static"),),
    python="3.13",
    source=Source("package", "shop"),
)
SOCKET, APACHE = Route("socket"), Route("apache")


def site(host, *served):
    return _sites.render(served)[f"/etc/nginx/hostel/sites/{host}.conf"].content.decode()


def locations(text):
    return [line.strip()[len("location ") : -2] for line in text.splitlines() if line.strip().startswith("location ")]


def location(text, path):
    """The lines of one location."""
    after = text.split(f"    location {path} {{\n")[1]
    return [line.strip() for line in after.split("\n    }")[0].splitlines()]


def test_one_upstream_an_app_and_one_file_a_host():
    files = _sites.render([_sites.Served(BLOG, SOCKET), _sites.Served(SHOP, APACHE)])
    assert sorted(files) == [
        "/etc/nginx/hostel/sites/blog.example.org.conf",
        "/etc/nginx/hostel/sites/www.example.org.conf",
        "/etc/nginx/hostel/upstreams/blog.conf",
    ]
    assert all(file.content.decode().startswith(MANAGED) for file in files.values())


def test_the_order_of_the_apps_does_not_matter():
    one, other = _sites.Served(BLOG, SOCKET), _sites.Served(SHOP, APACHE)
    assert _sites.render([one, other]) == _sites.render([other, one])


def test_a_mount_passes_the_raw_path_and_says_where_it_is():
    lines = location(site("www.example.org", _sites.Served(BLOG, SOCKET, 20)), '^~ "/blog/"')
    assert f"proxy_pass http://{_sites.upstream_name('blog')};" in lines
    assert 'set $hostel_prefix "/blog";' in lines
    assert "limit_conn hostel_tenants 20;" in lines


def test_a_mount_without_its_slash_is_sent_there_with_its_method_and_query():
    lines = location(site("www.example.org", _sites.Served(BLOG, SOCKET)), '= "/blog"')
    assert lines == ['return 307 "/blog/$is_args$args";']


def test_nothing_answers_where_nothing_is_mounted():
    text = site("www.example.org", _sites.Served(BLOG, SOCKET))
    assert location(text, "/") == ["return 404;"]
    assert "return 404;" not in location(site("blog.example.org", _sites.Served(BLOG, SOCKET)), "/")


def test_static_folders_lie_below_the_mount_and_follow_the_release():
    text = site("www.example.org", _sites.Served(BLOG, SOCKET))
    lines = location(text, '^~ "/blog/static/"')
    assert 'alias "/srv/hostel/alice/blog/current/static/";' in lines
    assert 'disable_symlinks if_not_owner "from=/srv/hostel/alice/blog/current";' in lines


def test_static_folders_in_persisted_ones_are_served_from_the_data():
    lines = location(site("blog.example.org", _sites.Served(BLOG, SOCKET)), '^~ "/media/"')
    assert 'alias "/srv/hostel/alice/blog/data/media/public/";' in lines
    assert 'disable_symlinks if_not_owner "from=/srv/hostel/alice/blog/data";' in lines


def test_an_app_that_is_mounted_on_another_ones_static_url_has_it():
    text = site("www.example.org", _sites.Served(BLOG, SOCKET), _sites.Served(SHOP, APACHE))
    assert locations(text).count('^~ "/blog/static/"') == 1
    assert "proxy_pass http://hostel_apache;" in location(text, '^~ "/blog/static/"')


def test_apache_gets_its_key_and_an_asgi_app_never_does():
    text = site("www.example.org", _sites.Served(BLOG, SOCKET), _sites.Served(SHOP, APACHE))
    key = 'include "/etc/nginx/hostel/snippets/apache.conf";'
    assert text.count(key) == 1
    assert key in location(text, '^~ "/blog/static/"')


def test_a_location_with_headers_of_its_own_has_all_of_them():
    text = site("www.example.org", _sites.Served(SHOP, APACHE))
    outside = {line.split()[1] for line in text.splitlines() if line.startswith("    proxy_set_header")}
    lines = location(text, '^~ "/blog/static/"')
    assert outside == {line.split()[1] for line in lines if line.startswith("proxy_set_header")}


def test_a_stopped_app_is_answered_by_nginx():
    stopped = _sites.Served(dataclasses.replace(BLOG, state="stopped"), SOCKET)
    files = _sites.render([stopped])
    assert "/etc/nginx/hostel/upstreams/blog.conf" not in files
    assert "return 503;" in location(site("www.example.org", stopped), '^~ "/blog/"')
    ((text, _path),) = shared(stopped)
    assert locations(text) == ["/"]
    assert "return 503;" in location(text, "/")


def test_every_app_is_marked_for_messages():
    text = site("www.example.org", _sites.Served(BLOG, SOCKET), _sites.Served(SHOP, APACHE))
    assert "\n    # app blog\n" in text
    assert "\n    # app shop\n" in text


UWSGI, FASTCGI = Route("socket", "uwsgi"), Route("socket", "fastcgi")


def test_a_protocol_has_its_own_directives_and_waits_as_long():
    for route in (SOCKET, UWSGI, FASTCGI):
        module = {"http": "proxy"}.get(route.protocol, route.protocol)
        lines = location(site("www.example.org", _sites.Served(BLOG, route)), '^~ "/blog/"')
        said = [line for line in lines if not line.startswith(("set ", "limit_conn "))]
        assert said and all(line.startswith(f"{module}_") for line in said)
        assert f"{module}_read_timeout 60s;" in said
        assert f"{module}_buffering off;" in said
        assert f"{module}_pass {'http://' if module == 'proxy' else ''}{_sites.upstream_name('blog')};" in said


def test_only_fastcgi_waits_for_a_whole_upload_as_its_length_is_told():
    texts = {one.protocol: site("www.example.org", _sites.Served(BLOG, one)) for one in (SOCKET, UWSGI, FASTCGI)}
    assert {name for name, text in texts.items() if "_request_buffering off;" in text} == {"http", "uwsgi"}


def test_only_http_keeps_connections_to_the_app():
    kept = {one.protocol: _sites.upstream("blog", one).content for one in (SOCKET, UWSGI, FASTCGI)}
    assert {name for name, content in kept.items() if b"keepalive" in content} == {"http"}
    assert all(b'server "unix:/var/lib/hostel/routes/blog";' in content for content in kept.values())


def test_connections_are_kept_to_none_that_may_close_them_at_any_time():
    assert b"keepalive" not in _sites.upstream("blog", dataclasses.replace(SOCKET, kept=False)).content


def test_a_mount_is_quoted_for_every_protocol():
    odd = dataclasses.replace(BLOG, urls=(Url("www.example.org", '/a"$b;{'),), static=())
    for route in (SOCKET, UWSGI, FASTCGI):
        lines = location(site("www.example.org", _sites.Served(odd, route)), '^~ "/a\\"$b;{/"')
        assert 'set $hostel_prefix "/a\\"${hostel_dollar}b;{";' in lines


def app(name, tenant="alice", **changes):
    return App(name, tenant, (Url(f"{name}.example.org"),), "3.13", Source("package", name), **changes)


def shared(*served):
    """The shared server blocks, and their paths."""
    files = _sites.render(served).items()
    return [(file.content.decode(), path) for path, file in files if path.startswith(f"{_sites.NGINX}/sites/_")]


def test_hosts_that_are_answered_alike_share_a_server_block():
    served = [_sites.Served(app("one"), SOCKET), _sites.Served(app("two", "bob"), SOCKET)]
    ((text, path),) = shared(*served)
    name = path.removeprefix("/etc/nginx/hostel/sites/_shared-").removesuffix(".conf")
    assert [line for line in text.splitlines() if line.startswith("    server_name ")] == [
        '    server_name "one.example.org";',
        '    server_name "two.example.org";',
    ]
    assert f'map $host $hostel_app_{name} {{\n    # app one\n    "\\\\one.example.org" "one";\n' in text
    assert f'map $host $hostel_tenant_{name} {{\n    "\\\\one.example.org" "alice";\n' in text
    lines = location(text, "/")
    assert f"set $hostel_app $hostel_app_{name};" in lines
    assert f"set $hostel_tenant $hostel_tenant_{name};" in lines
    assert f"set $hostel_upstream $hostel_upstream_{name};" in lines
    assert "proxy_pass http://$hostel_upstream;" in lines
    upstreams = text.split(f"map $host $hostel_upstream_{name} {{\n")[1].split("\n}")[0].splitlines()
    assert upstreams == [f'    "\\\\{app}.example.org" "{_sites.upstream_name(app)}";' for app in ("one", "two")]


def test_hosts_that_are_led_elsewhere_have_no_upstreams():
    for one in (_sites.Served(app("one"), APACHE), _sites.Served(app("one", state="stopped"), SOCKET)):
        ((text, _path),) = shared(one)
        assert "hostel_upstream" not in text


def test_upstreams_have_names_of_their_own_of_many_lengths():
    names = [f"app{at:04}" for at in range(1000)] + ["apache", "embedded", "pool", "a", "a-b"]
    called = [_sites.upstream_name(name) for name in names]
    assert len(set(called)) == len(names)
    # Of the node's own (roles/node).
    assert not {"hostel_apache", "hostel_embedded", "hostel_pool"} & set(called)
    lengths = [len(name) for name in called]
    assert max(map(lengths.count, lengths)) < 40


def test_a_shared_server_block_is_named_by_its_answer_and_not_by_its_hosts():
    ((_text, path),) = shared(_sites.Served(app("one"), SOCKET))
    ((_text, same),) = shared(_sites.Served(app("two", "bob"), SOCKET))
    assert same == path


def test_what_is_answered_in_another_way_is_another_server_block():
    plain = _sites.Served(app("one"), SOCKET)
    others = [
        _sites.Served(app("two"), SOCKET, 20),
        _sites.Served(app("two", body_limit=1), SOCKET),
        _sites.Served(app("two", timeouts=Timeouts(read=5)), SOCKET),
        _sites.Served(app("two", state="stopped"), SOCKET),
        _sites.Served(app("two"), APACHE),
        _sites.Served(app("two"), UWSGI),
        _sites.Served(app("two"), FASTCGI),
        _sites.Served(app("two"), Route("socket", streams=False)),
    ]
    for other in others:
        assert len(shared(plain, other)) == 2
    assert len({path for other in others for _text, path in shared(other)}) == len(others)


def test_a_host_with_anything_of_its_own_has_a_file_of_its_own():
    blog = dataclasses.replace(BLOG, urls=(Url("www.example.org"),))
    neighbour = dataclasses.replace(SHOP, urls=(Url("one.example.org", "/shop"),))
    for host, *served in [
        ("www.example.org", _sites.Served(blog, SOCKET)),
        ("www.example.org", _sites.Served(SHOP, SOCKET)),
        ("one.example.org", _sites.Served(app("one"), SOCKET), _sites.Served(neighbour, SOCKET)),
    ]:
        assert shared(*served) == []
        assert f'server_name "{host}";' in site(host, *served)
    one = _sites.Served(app("one"), SOCKET)
    assert f"{_sites.NGINX}/sites/one.example.org.conf" in _sites.render([one], apart={"one.example.org"})


def test_limits_are_read_back_from_both_kinds_of_files():
    files = _sites.render(
        [
            _sites.Served(app("one"), SOCKET, 20),
            _sites.Served(app("two", "bob"), SOCKET, 20),
            _sites.Served(app("three", "carol"), SOCKET),
            _sites.Served(dataclasses.replace(SHOP, tenant="dave"), SOCKET, 7),
        ]
    )
    found = {}
    for file in files.values():
        found.update(_sites.limits_in(file.content))
    assert found == {"alice": 20, "bob": 20, "dave": 7}
