# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything one does with a checkout. "make" lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Ports of the demo's nodes on the loopback address.
export HOSTEL_NODE1_HTTP_PORT ?= 8081
export HOSTEL_NODE2_HTTP_PORT ?= 8082
export HOSTEL_NODE1_SSH_PORT ?= 2281
export HOSTEL_NODE2_SSH_PORT ?= 2282

# The tools of the checkout come first, then the distribution's own.
export PATH := $(CURDIR)/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

.PHONY: prepare
prepare: ## install what this machine lacks: Debian packages, .venv with the pinned tools
	@nodes/prepare-host
	@nodes/dev-environment

.PHONY: images
images: prepare ## make the images of Debian 12 and 13 nodes
	@nodes/image bookworm >/dev/null & first=$$!; nodes/image trixie >/dev/null && wait $$first

.PHONY: demo
demo: prepare ## start two nodes, make them a hosting cluster with real applications, check every URL
	@nodes/up node1 bookworm $(HOSTEL_NODE1_HTTP_PORT) $(HOSTEL_NODE1_SSH_PORT) & first=$$!; \
	nodes/up node2 trixie $(HOSTEL_NODE2_HTTP_PORT) $(HOSTEL_NODE2_SSH_PORT) && wait $$first
	@ansible-playbook playbooks/site.yml
	@demo/check

.PHONY: demo-down
demo-down: ## remove the demo's nodes, the images of nodes and what was downloaded for them
	@nodes/down node1 node2
	@nodes/clean
	@rm -rf .cache/demo

.PHONY: test
test: ## run all the checks and tests below, with times; STAGES="ruff unit" only those
	@.ci/stages $(STAGES)

.PHONY: unit
unit: prepare ## test the pure rooms
	pytest

.PHONY: lint
lint: prepare ## ruff, mypy, shellcheck, ansible-lint
	.ci/stages ruff mypy shellcheck ansible-lint

.PHONY: sanity
sanity: prepare ## ansible-test sanity
	tests/sanity/run

.PHONY: molecule
molecule: images ## the scenarios on Debian 12 and 13: everything; the same probes against every server
	.ci/molecule default servers

.PHONY: test-long
test-long: images ## what takes long of the scenario servers: a gigabyte up and down through each; kept for its table
	HOSTEL_LONG=1 .ci/molecule servers

.PHONY: bench-converge
bench-converge: images ## compare with a playbook of stock modules, and with Mitogen
	bench/converge/run

.PHONY: bench-density
bench-density: images ## measure what a thousand sleeping apps cost
	@nodes/prepare-host wrk
	bench/density/run

.PHONY: bench-wake
bench-wake: images ## measure how soon a sleeping app answers
	bench/wake/run

.PHONY: bench-serve
bench-serve: images ## measure what each server serves, beside the same one with no proxy
	@nodes/prepare-host wrk
	bench/serve/run

.PHONY: build
build: prepare ## the collection's archive, in .cache/build
	ansible-galaxy collection build --force --output-path .cache/build
