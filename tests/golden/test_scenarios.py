"""Replay the recorded scenarios of a real control plane: the same steps, the same story of every object."""

from __future__ import annotations

import base64
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cluster.apiserver.context import Config
from cluster.apiserver.request import component
from cluster.honesty.known import reasons, scenarios
from cluster.machinery.errors import StatusError
from cluster.runtime.authority import Authority
from cluster.store.interface import Revision
from tests.golden.fake_kubelet import FakeKubelet
from tests.golden.shared import GOLDEN, files, needs_shared
from tests.golden.trace import KINDS, Names, Story, reduce
from tests.harness import Lab
from tests.kubectl.desk import Desk

SCENARIOS = files(GOLDEN / "scenarios", "*.yaml")
pytestmark = needs_shared


class Replay:
    """One scenario on a fresh lab with four fake nodes."""

    def __init__(self, scenario: dict[str, Any]):
        self.scenario = scenario
        options: dict[str, Any] = {}
        self.lab = Lab(Config(instant=True, options=options))
        authority = Authority(self.lab.server.ids, self.lab.clock.now(), self.lab.clock)
        options["sign-certificate"] = authority.sign
        kubelet = FakeKubelet(self.lab.context(component("system:fake", "system:masters"), "fake"))
        self.lab.with_controllers().with_scheduler().add(kubelet)
        kubelet.start()
        self.lab.kubectl.create("namespaces", _named("Namespace", "lab"))
        self.lab.run(60.0 + _minute_of(scenario) - self.lab.clock.now() % 60)
        self.start = self.lab.store.revision
        self.began = self.lab.clock.now()
        self.desk = Desk(self.lab.server)
        self.desk.files.write("/root/.kube/config", _CONFIG.encode())
        self.problems: list[str] = []

    def play(self) -> Story:
        for number, step in enumerate(self.scenario["steps"]):
            self._until(self._took_effect(number) if "run" in step else step["at"])
            if "run" in step:
                self._run(step)
            elif "api" in step:
                self._api(step["api"], step.get("code"))
        self._until(self.scenario["duration"])
        return self._story()

    def _took_effect(self, number: int) -> float:
        """Return when the recorded command changed something: kubectl itself took up to a second."""
        steps = self.scenario["steps"]
        begins = steps[number]["at"]
        ends = steps[number + 1]["at"] if number + 1 < len(steps) else self.scenario["duration"]
        moments = [entry["t"] for entry in self.scenario["trace"] if begins <= entry["t"] <= ends]
        return float(min(moments, default=begins))

    def _until(self, moment: float) -> None:
        left = self.began + moment - self.lab.clock.now()
        if left > 0:
            self.lab.run(left)

    def _run(self, step: dict[str, Any]) -> None:
        """Run kubectl to its end, the lab going on meanwhile."""
        line = re.sub(r"<minute\d+>", "29000001", step["run"])
        call = self.desk.start(*shlex.split(line)[1:], stdin=step.get("stdin", "").replace("<certificate>", _request()))
        for _ in range(600):
            if call.state["exit"] is not None:
                break
            self.lab.run(0.1)
            self.desk.step(call)
        if call.state["exit"] != step.get("rc", 0):
            self.problems.append(f"{step['run']}: {call.state['exit']} {''.join(call.err)}")

    def _api(self, request: dict[str, Any], code: int | None) -> None:
        """Send the recorded request (evictions and bindings, mostly)."""
        parts = request["path"].partition("?")[0].strip("/").split("/")
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        group = "" if parts[0] == "api" else parts[1]
        space = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            space, rest = rest[1], rest[2:]
        resource = f"{rest[0]}.{group}" if group else rest[0]
        fields: dict[str, Any] = {"namespace": space, "body": request.get("body")}
        fields["name"] = rest[1] if len(rest) > 1 else ""
        fields["subresource"] = rest[2] if len(rest) > 2 else ""
        try:
            self.lab.kubectl.request(_VERBS[request["method"]], resource, **fields)
        except StatusError as error:
            if error.code not in (code, request.get("code")):
                self.problems.append(f"{request['path']}: {error.code} {error.message}")

    def _story(self) -> Story:
        names = Names()
        story = Story(self.scenario["node_choice"] == "any")
        revisions = list(self.lab.store.since(self.start))
        for revision in revisions:
            names.learn(revision)
        for revision in revisions:
            if revision.resource == "events":
                self._tell_event(story, names, revision)
            elif revision.object["kind"] in KINDS and revision.namespace in ("", "lab", "lab-extra"):
                key = f"{revision.object['kind']}/{names.text(revision.name)}"
                if revision.resource == "pods" or "<e>" in key:
                    key += f"#{revision.name}"
                if revision.verb == "DELETED":
                    story.delete(key)
                else:
                    story.state(key, reduce(revision.object, names))
        return story

    def _tell_event(self, story: Story, names: Names, revision: Revision) -> None:
        event = revision.object
        about = event["involvedObject"]
        if revision.verb == "DELETED" or about["kind"] == "Node" and event["reason"] == "RegisteredNode":
            return
        key = f"{about['kind']}/{names.text(about['name'])}"
        source = (event.get("source") or {}).get("component") or event.get("reportingComponent", "")
        story.event(key, f"{event['type']} {event['reason']} {source}: {names.text(event['message'])}")


_VERBS = {"POST": "create", "GET": "get", "PUT": "update", "DELETE": "delete", "PATCH": "patch"}
_CONFIG = """apiVersion: v1
kind: Config
current-context: lab
contexts: [{name: lab, context: {cluster: lab, user: admin, namespace: lab}}]
clusters: [{name: lab, cluster: {server: 'https://127.0.0.1:6443'}}]
users: [{name: admin, user: {}}]
"""


def _request() -> str:
    """Return what a recording hides: a certificate request as a manifest carries it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return base64.b64encode(asked.public_bytes(Encoding.PEM)).decode()


def _minute_of(scenario: dict[str, Any]) -> float:
    """Return the second of the minute the scenario began at, so that CronJobs come due when they did."""
    for entry in scenario["trace"]:
        if "<minute1>" in entry.get("obj", "") and "add" in entry:
            return float((60 - entry["t"] + 0.05) % 60)
    return 0.0


def _named(kind: str, each: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": each}}


def recorded(scenario: dict[str, Any]) -> Story:
    """Tell the recorded trace in the same way."""
    story = Story(scenario["node_choice"] == "any")
    states: dict[str, dict[str, Any]] = {}
    for entry in scenario["trace"]:
        if "event" in entry:
            event = entry["event"]
            if event["reason"] != "RegisteredNode":
                # The recorder named its namespaces after the scenario, and missed one whose name it had rewritten.
                message = re.sub(rf"\bs-{scenario['theme']}-[^ /]+/", "lab/", event["message"])
                story.event(event["object"], f"{event['type']} {event['reason']} {event['from']}: {message}")
            continue
        key = entry["obj"]
        kind = key.partition("/")[0]
        if kind not in KINDS:
            continue
        told = key + (f"#{key}" if kind in ("Pod", "EndpointSlice") else "")
        if entry.get("del"):
            story.delete(told)
            states.pop(key, None)
            continue
        state = dict(entry["add"]) if "add" in entry else _merged(states.get(key, {}), entry["set"])
        states[key] = state
        story.state(told, _comparable(kind, state))
    return story


def _merged(state: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(state)
    for field, value in change.items():
        if value is None:
            merged.pop(field, None)
        elif field in ("status", "conditions", "labels", "annotations") and isinstance(value, dict):
            inner = {**(merged.get(field) or {}), **value}
            merged[field] = {key: one for key, one in inner.items() if one is not None}
        else:
            merged[field] = value
    return merged


def _comparable(kind: str, state: dict[str, Any]) -> dict[str, Any]:
    """Bring a recorded state to the form `reduce` gives."""
    state = dict(state)
    status = dict(state.get("status") or {})
    if kind == "Pod":
        state["phase"] = status.get("phase")
        if status.get("nominatedNodeName"):
            state["nominatedNodeName"] = status["nominatedNodeName"]
    if kind == "Job":
        status.pop("uncountedTerminatedPods", None)
        state["status"] = status
    if kind == "EndpointSlice" and state.get("endpoints"):
        state["endpoints"] = sorted(state["endpoints"], key=lambda one: yaml.dump(one))
    if kind == "Endpoints":
        for subset in state.get("subsets") or ():
            subset["addresses"] = sorted(subset.get("addresses") or ())
    return {field: state[field] for field in KINDS[kind] if field in state}


def differences(ours: Story, theirs: Story) -> list[str]:
    """Return what the recording tells and the replay does not, object by object."""
    mine, real = ours.told(), theirs.told()
    found = []
    for key in sorted({*mine, *real}):
        if key not in real and key.startswith("events of "):
            found.append(f"{key}\n  only in the replay: {mine[key]}")
        elif key not in real or (key.startswith("Node/") and key not in mine):
            continue
        elif mine.get(key) != real[key]:
            found.append(_compared(key, mine.get(key, []), real[key]))
    return found


def _compared(key: str, mine: list[str], real: list[str]) -> str:
    """Return what differs, line by line where there is one of each."""
    missing, extra = _without(real, mine), _without(mine, real)
    if len(missing) == len(extra) == 1:
        was, now = missing[0].splitlines(), extra[0].splitlines()
        missing, extra = ["\n".join(_without(was, now))], ["\n".join(_without(now, was))]
    text = key
    for stories, label in ((missing, "recorded"), (extra, "replayed")):
        for story in stories:
            text += f"\n  {label}:\n    " + story.replace("\n", "\n    ")
    return text


def _without(some: list[str], others: list[str]) -> list[str]:
    left = list(others)
    found = []
    for each in some:
        if each in left:
            left.remove(each)
        else:
            found.append(each)
    return found


KNOWN = {one.recording: reasons()[one.reason]["en"] for one in scenarios()}


def _scenarios() -> list[Any]:
    """Return the scenarios; those known to differ must go on differing, or be taken off the list."""
    found = []
    for path in SCENARIOS:
        marks = [pytest.mark.xfail(reason=KNOWN[path.stem])] if path.stem in KNOWN else []
        found.append(pytest.param(path, id=path.stem, marks=marks))
    return found


@pytest.mark.parametrize("path", _scenarios())
def test_the_replay_tells_the_recorded_story(path: Path) -> None:
    scenario = yaml.safe_load(path.read_text())
    replay = Replay(scenario)
    ours = replay.play()
    found = [*replay.problems, *differences(ours, recorded(scenario))]
    assert not found, "\n".join(found)


def test_the_list_names_recorded_scenarios_only() -> None:
    assert set(KNOWN) <= {path.stem for path in SCENARIOS}
