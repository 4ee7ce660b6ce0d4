# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of apps, tenants, hosts and Python versions."""

from __future__ import annotations

import re

from .problems import Wrong
from .values import text

_APP = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_TENANT = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_VERSION = re.compile(r"3\.(?:0|[1-9][0-9]?)(?:\.(?:0|[1-9][0-9]?)(?:(?:a|b|rc)[0-9]{1,2})?)?", re.ASCII)

APP_LONGEST = 40
# systemd takes 31 (UT_NAMESIZE - 1) in User= and in systemd-sysusers, one less than useradd.
TENANT_LONGEST = 31

# Accounts and groups of Debian's base-passwd and of services that nodes or their neighbours bring.
_NAMES_OF_ACCOUNTS = """
    root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup
    adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev
    staff users input sgx kvm render crontab netdev wheel admin ssl-cert
    messagebus sshd ntp ntpsec chrony postfix postdrop dovecot dovenull vmail exim debian-exim opendkim
    mysql mariadb postgres redis memcache memcached mongodb elasticsearch rabbitmq bind named unbound dnsmasq
    nginx apache apache2 httpd haproxy varnish tomcat git gitlab jenkins docker podman libvirt libvirt-qemu
    uuidd tcpdump polkitd colord avahi avahi-autoipd rtkit pulse saned syslog statd rpc rpcuser tss usbmux
    lxd snapd landscape pollinate ubuntu debian vagrant ansible nagios zabbix prometheus grafana keepalived ftp ftpuser
"""
_ACCOUNTS = frozenset(_NAMES_OF_ACCOUNTS.split())
# Folders below /srv/hostel that are not tenants.
_FOLDERS = frozenset({"sites", "staging"})


def app_name(value: object) -> str:
    name = text(value)
    if not _APP.fullmatch(name) or name.endswith("-") or len(name) > APP_LONGEST:
        raise Wrong(
            f"must be 1 to {APP_LONGEST} lower-case letters, digits and dashes, "
            "begin with a letter, not end with a dash"
        )
    return name


def tenant_name(value: object) -> str:
    """The name of a Unix account that is nobody else's."""
    name = text(value)
    if not _TENANT.fullmatch(name) or name.endswith("-") or len(name) > TENANT_LONGEST:
        raise Wrong(
            f"must be 1 to {TENANT_LONGEST} lower-case letters, digits, dashes and underscores, begin with a letter, "
            "not end with a dash"
        )
    if name in _FOLDERS:
        raise Wrong(f"is reserved: /srv/hostel/{name} is not a tenant's folder; choose another name")
    if name in _ACCOUNTS or name.startswith(("hostel", "systemd-", "dnsmasq-")):
        raise Wrong("is reserved for an account of the system; choose another name")
    return name


def python_version(value: object) -> str:
    version = text(value)
    if not _VERSION.fullmatch(version):
        raise Wrong('must be a version of Python 3 in quotes, like "3.13" or "3.13.5"')
    return version
