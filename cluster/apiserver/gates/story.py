"""A remembered request told gate by gate: the one source of the picture, the page and the text.

A `Section` is a gate. Its state: open (passed), shut (refused here), unreached, or absent (not on this way).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.gates import blocks, outcome
from cluster.apiserver.gates.blocks import Block
from cluster.apiserver.gates.outcome import STAGES, STORE, refused_at, refusers
from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.words import words

OPEN, SHUT, UNREACHED, ABSENT = "open", "shut", "unreached", "absent"
Words = Mapping[str, str]
Place = tuple[str, str, str]  # resource, namespace, name
_MASTERS = "system:masters"
_READS = frozenset({"get", "list", "watch", "head", "options"})
_KINDS = {
    "Role": "roles.rbac.authorization.k8s.io",
    "ClusterRole": "clusterroles.rbac.authorization.k8s.io",
    "RoleBinding": "rolebindings.rbac.authorization.k8s.io",
    "ClusterRoleBinding": "clusterrolebindings.rbac.authorization.k8s.io",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; `place` is the object it names, where it names one."""

    label: str
    value: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One gate. `summary` is a few words for the picture."""

    stage: str
    title: str
    question: str
    state: str
    word: str
    summary: str
    facts: tuple[Fact, ...] = ()
    blocks: tuple[Block, ...] = ()


def sections(entry: Entry, language: str = "en") -> list[Section]:
    """Return the gates in their order."""
    said = words(language)
    return [_section(entry, stage, said) for stage in STAGES]


def title(entry: Entry, language: str = "en") -> str:
    return words(language)["title"].format(serial=entry.serial, verb=entry.verb, what=what(entry))


def what(entry: Entry) -> str:
    """Return what was asked for in a few words: `pods default/web`, or a path."""
    if not entry.resource:
        return str(entry.detail.get("uri", "")).partition("?")[0]
    place = "/".join(part for part in (entry.namespace, entry.name) if part)
    return f"{entry.resource} {place}".strip()


def short(user: str) -> str:
    """Return the last word of a name such as `system:serviceaccount:kube-system:replicaset-controller`."""
    return user.rpartition(":")[2] if user.count(":") > 1 else user


def head(entry: Entry, language: str = "en") -> list[Fact]:
    """Return what is known of the request as a whole."""
    said, detail = words(language), entry.detail
    answer = f"{entry.code} {detail.get('reason', '')}".strip()
    found = [Fact(said["client"], client_of(entry, language)), Fact(said["code"], answer)]
    if detail.get("method"):
        found.append(Fact(said["line"], f"{detail['method']} {detail.get('uri', '')}"))
    if detail.get("source"):
        found.append(Fact(said["from"], str(detail["source"])))
    if detail.get("dry_run"):
        found.append(Fact(said["dry.run"], said["yes"]))
    if detail.get("message"):
        found.append(Fact(said["message"], str(detail["message"])))
    return found


def client_of(entry: Entry, language: str = "en") -> str:
    """Return which program asked: its User-Agent, or its field manager where it came by no wire."""
    detail = entry.detail
    if detail.get("agent"):
        return str(detail["agent"])
    manager = str(detail.get("manager", ""))
    return manager if manager not in ("", "unknown") else words(language)[f"via.{_via(entry)}"]


def sent(entry: Entry, language: str = "en") -> Block | None:
    """Return the object that was sent, where it was kept."""
    body = entry.detail.get("body")
    return blocks.yaml(words(language)["sent"], body) if body else None


def _section(entry: Entry, stage: str, said: Words) -> Section:
    state = state_of(entry, stage)
    summary = ""
    facts: list[Fact] = []
    found: list[Block] = []
    if state in (OPEN, SHUT):
        summary, facts, found = _TELLERS[stage](entry, said)
    elif state == ABSENT:
        facts = [Fact("", said["reads" if entry.verb in _READS or not entry.resource else "deletes"])]
    return Section(
        stage, said[stage], said[f"ask.{stage}"], state, said[state], summary or said[state], tuple(facts), tuple(found)
    )


def state_of(entry: Entry, stage: str) -> str:
    """Return how a request fared at a stage."""
    end = refused_at(entry)
    if end:
        if stage == end:
            return SHUT
        if STAGES.index(stage) > STAGES.index(end):
            return UNREACHED
    if stage in (outcome.AUTHN, outcome.AUTHZ) or (stage == STORE and entry.resource):
        return OPEN
    if any(one["stage"] == stage for one in entry.detail.get("verdicts", ())):
        return OPEN
    return ABSENT if entry.verb in _READS or entry.verb.startswith("delete") or not entry.resource else OPEN


Told = tuple[str, list[Fact], list[Block]]


def _verdicts(entry: Entry, stage: str) -> list[Mapping[str, Any]]:
    return [one for one in entry.detail.get("verdicts", ()) if one["stage"] == stage]


def _via(entry: Entry) -> str:
    via = str(entry.detail.get("via", "wire"))
    by_itself = via != "wire" and entry.ring == "components"
    return "component" if by_itself else via


def _authn(entry: Entry, said: Words) -> Told:
    user = entry.detail.get("user") or {}
    if not user.get("name"):
        tried = [Fact(str(one["by"]), str(one.get("text", ""))) for one in _verdicts(entry, outcome.AUTHN)]
        return said["unknown"], tried or _answer(entry, said), []
    facts = [Fact(said["user"], str(user["name"])), Fact(said["groups"], ", ".join(user.get("groups", ())))]
    facts += [Fact(said["uid"], str(user["uid"]))] if user.get("uid") else []
    for key, values in (user.get("extra") or {}).items():
        facts.append(Fact(f"{said['extra']} {key}", ", ".join(values)))
    if really := entry.detail.get("impersonator"):
        facts.append(Fact(said["impersonator"], f"{really['name']} ({', '.join(really.get('groups', ()))})"))
    told = _verdicts(entry, outcome.AUTHN)
    by = [f"{one['by']}{': ' + one['text'] if one.get('text') else ''}" for one in told if one["by"]]
    facts.insert(0, Fact(said["authenticator"], "; ".join(by) or said[f"via.{_via(entry)}"]))
    return said["known"].format(user=short(str(user["name"]))), facts, []


def _authz(entry: Entry, said: Words) -> Told:
    told = _verdicts(entry, outcome.AUTHZ)
    facts = [Fact(str(one["by"] or "RBAC"), _opinion(one, said)) for one in told]
    found: list[Block] = []
    decided = next((one for one in told if one["allowed"] is True), None)
    if decided is not None:
        facts += _deciding(decided.get("detail") or {}, said)
        if rule := (decided.get("detail") or {}).get("rule"):
            number = (decided.get("detail") or {}).get("index", 0) + 1
            found.append(blocks.rule(said["rule"].format(number=number), rule))
    if state_of(entry, outcome.AUTHZ) == OPEN:
        by = str(decided["by"]) if decided is not None and decided["by"] else "RBAC"
        return said["allowed.by"].format(by=by), facts, found
    who = [str(one["by"]) for one in told if one["allowed"] is False]
    summary = said["denied.by"].format(by=who[0]) if who else said["nobody.allows"]
    return summary, facts, [*found, *blocks.explanation(entry.detail.get("explanation") or {}, said)]


def _opinion(verdict: Mapping[str, Any], said: Words) -> str:
    word = {True: said["opinion.yes"], False: said["opinion.no"], None: said["opinion.none"]}[verdict["allowed"]]
    text = str(verdict.get("text", ""))
    if verdict["by"] == _MASTERS:
        text = said["skipped.masters"]
    return f"{word} · {text}" if text else word


def _deciding(detail: Mapping[str, Any], said: Words) -> Iterator[Fact]:
    for field in ("binding", "role"):
        if reference := detail.get(field):
            where = (_KINDS.get(reference["kind"], ""), reference.get("namespace", ""), reference["name"])
            yield Fact(said[field], blocks.named(reference), where if where[0] else None)
    if subject := detail.get("subject"):
        yield Fact(said["subject"], blocks.named(subject))


def _defaulting(entry: Entry, said: Words) -> Told:
    if state_of(entry, outcome.DEFAULTING) == SHUT:
        return str(entry.detail.get("reason", "")), _answer(entry, said), []
    changes = [one for verdict in _verdicts(entry, outcome.DEFAULTING) for one in verdict.get("changes", ())]
    found = [blocks.diff(said["filled"], changes)] if changes else []
    return _count(changes, said), [], found


def _answer(entry: Entry, said: Words) -> list[Fact]:
    return [Fact(said["message"], str(entry.detail.get("message", "")))]


def _count(changes: Sequence[Any], said: Words) -> str:
    return _counted("changed", len(changes), said) if changes else said["unchanged"]


def _counted(key: str, count: int, said: Words) -> str:
    return said[f"{key}.one"] if count == 1 else said[key].format(count=count)


def _mutating(entry: Entry, said: Words) -> Told:
    told = _verdicts(entry, outcome.MUTATING) + _verdicts(entry, "admission")
    facts = [_plugin(one, said) for one in told] or [Fact("", said["no.plugins"])]
    changed = [one for one in told if one.get("changes")]
    found = [blocks.diff(said["change.of"].format(by=one["by"]), one["changes"]) for one in changed]
    count = _count([change for one in changed for change in one["changes"]], said)
    return _refusal(entry, outcome.MUTATING, said) or count, facts, found


def _plugin(verdict: Mapping[str, Any], said: Words) -> Fact:
    if verdict["allowed"] is False:
        return Fact(str(verdict["by"]), f"{said['shut']}: {verdict.get('text', '')}")
    if verdict.get("changes"):
        return Fact(str(verdict["by"]), _counted("changed", len(verdict["changes"]), said))
    text = str(verdict.get("text", ""))
    return Fact(str(verdict["by"]), f"{said['open']} · {text}" if text else said["open"])


def _refusal(entry: Entry, stage: str, said: Words) -> str:
    if refused_at(entry) != stage:
        return ""
    return said["denied.by"].format(by=", ".join(refusers(entry)) or said[stage])


def _validation(entry: Entry, said: Words) -> Told:
    if state_of(entry, outcome.VALIDATION) == OPEN:
        return said["sound"], [], []
    causes = entry.detail.get("causes") or []
    facts = [Fact(str(one.get("field", "")), f"{one.get('message', '')} ({one.get('reason', '')})") for one in causes]
    return _counted("faults", max(1, len(facts)), said), facts or _answer(entry, said), []


def _validating(entry: Entry, said: Words) -> Told:
    told = _verdicts(entry, outcome.VALIDATING)
    facts = [_plugin(one, said) for one in told] or [Fact("", said["no.plugins"])]
    facts += [Fact(said["warnings"], text) for text in entry.detail.get("warnings", ())]
    return _refusal(entry, outcome.VALIDATING, said) or _asked_plugins(told, said), facts, []


def _asked_plugins(told: Sequence[Any], said: Words) -> str:
    return _counted("plugins", len(told), said) if told else said["no.plugins"]


def _store(entry: Entry, said: Words) -> Told:
    if state_of(entry, STORE) == SHUT:
        return f"{entry.code} {entry.detail.get('reason', '')}".strip(), _answer(entry, said), []
    writes = entry.detail.get("writes") or []
    facts = [_written(one, said) for one in writes]
    if len(writes) == 1:
        return said["written"].format(revision=writes[0]["revision"]), facts, []
    if writes:
        return said["written.many"].format(count=len(writes)), facts, []
    if entry.detail.get("dry_run"):
        return said["dry"], [], []
    return said["read" if entry.verb in _READS else "nothing.written"], [], []


def _written(write: Mapping[str, Any], said: Words) -> Fact:
    place = (str(write["resource"]), str(write["namespace"]), str(write["name"]))
    named = "/".join(part for part in place[1:] if part)
    return Fact(said["revision"].format(revision=write["revision"]), f"{write['verb']} {place[0]} {named}", place)


_TELLERS: Mapping[str, Callable[[Entry, Words], Told]] = {
    outcome.AUTHN: _authn,
    outcome.AUTHZ: _authz,
    outcome.DEFAULTING: _defaulting,
    outcome.MUTATING: _mutating,
    outcome.VALIDATION: _validation,
    outcome.VALIDATING: _validating,
    STORE: _store,
}
