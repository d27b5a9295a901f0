"""CEL expressions: what they give, and what is said of those that do not compile or cannot be evaluated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cluster.machinery import cel
from cluster.machinery.cel.library.authorization import Authorizer, Question
from cluster.machinery.cel.shapes import Declared
from cluster.machinery.cel.typed import escaped_schema, typed
from cluster.machinery.cel.values import Message

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = {
    "metadata": {"name": "web", "labels": {"app": "web", "team": "blue"}},
    "spec": {
        "replicas": 3,
        "weight": 1.5,
        "nothing": None,
        "containers": [{"name": "a", "image": "nginx:1"}, {"name": "b", "image": "redis:7"}],
    },
}


def value(expression: str, **bindings: Any) -> Any:
    return cel.evaluate(expression, {"object": DEPLOYMENT, **bindings})


def compiling(expression: str, **variables: Declared) -> str:
    """What is said of an expression that does not compile."""
    with pytest.raises(cel.CompileError) as caught:
        cel.compile(expression, {"object": "dyn", **variables})
    return str(caught.value)


def failing(expression: str) -> str:
    with pytest.raises(cel.CelError) as caught:
        value(expression)
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("object.spec.replicas <= 5 && has(object.metadata.labels.team)", True),
        ("object.spec.replicas < 2.5", False),
        ("object.spec.replicas == 3.0", True),
        ("object.spec.nothing == null", True),
        ("!has(object.spec.paused)", True),
        ("object.spec.containers.all(c, c.image.startsWith('nginx'))", False),
        ("object.spec.containers.exists_one(c, c.name == 'b')", True),
        ("object.spec.containers.filter(c, c.name != 'b').map(c, c.image)", ["nginx:1"]),
        ("object.metadata.labels.map(k, k)", ["app", "team"]),
        ("'team' in object.metadata.labels", True),
        ("object.metadata.labels['team']", "blue"),
        ("type(object.spec.replicas) == int", True),
        ("true || object.missing", True),
        ("object.missing || true", True),
        ("[1, 2, 3].exists(x, x / (x - 2) > 0)", True),
        ("[3, 2, 1].all(x, x / (x - 2) > 0)", False),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("object.spec.replicas > 2 ? 'many' : 'few'", "many"),
        ("string(1000000.0) + string(1.0) + string(0.5)", "1e+0610.5"),
        ("int('12') + int(2.9)", 14),
        ("dyn(1) == 'a'", False),
        ("cel.bind(n, object.spec.replicas, n * n)", 9),
        ("object.spec.containers.all(i, c, i < 2)", True),
        ("{'a': 1}.transformMap(k, v, v + 1)", {"a": 2}),
        ("object.?spec.?strategy.orValue('none')", "none"),
        ("[?object.spec.?replicas, ?object.spec.?paused]", [3]),
        ("optional.of(1).hasValue()", True),
    ],
)
def test_the_language(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'%d of %s, %.1f, %x, %b'.format([3, 'web', 1.25, 255, 5])", "3 of web, 1.2, ff, 101"),
        ("'a-b-c'.split('-', 2)", ["a", "b-c"]),
        ("['a', 'b'].join('+') + 'xyz'.charAt(1) + 'abc'.substring(1)", "a+bybc"),
        ("' Ab '.trim().lowerAscii().upperAscii().replace('A', 'C').reverse()", "BC"),
        ("'banana'.indexOf('n') + 'banana'.lastIndexOf('n')", 6),
        ("strings.quote('say \"hi\"')", '"say \\"hi\\""'),
        ("[1, 3, 2].isSorted()", False),
        ("[1, 2].sum() + [3, 1].min() + [3, 1].max() + [5, 6].indexOf(6)", 8),
        ("'a1b22'.find('[0-9]+') + 'a1b22'.findAll('[0-9]+')[1]", "122"),
        ("'web-1'.matches('^[a-z]+-[[:digit:]]$')", True),
        ("url('https://example.com:8080/a?b=c').getHost()", "example.com:8080"),
        ("url('https://example.com/a?b=c&b=d').getQuery()['b']", ["c", "d"]),
        ("isURL('../x') || isIP('1.2.3') || isCIDR('10.0.0.0/33')", False),
        ("ip('::1').isLoopback() && ip('192.168.0.1').family() == 4", True),
        ("cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True),
        ("string(cidr('10.1.2.3/8').masked())", "10.0.0.0/8"),
        ("quantity('1Gi').isGreaterThan(quantity('512Mi'))", True),
        ("quantity('1500m').add(quantity('500m')).asInteger() + quantity('50k').sub(1).asInteger()", 50001),
        ("quantity('1000m') == quantity('1')", True),
        ("isQuantity('1.3Gx')", False),
        ("semver('1.9.0').isLessThan(semver('1.10.0-rc.1')) && isSemver('v1.0', true)", True),
        ("format.dns1123Label().validate('web').hasValue()", False),
        ("format.named('uuid').value().validate('x').value()", ["does not match the UUID format"]),
        ("sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1])", True),
        ("timestamp('2026-01-01T00:00:00Z') + duration('36h') > timestamp('2026-01-02T00:00:00Z')", True),
        ("timestamp('2026-03-01T12:30:00Z').getMonth() + duration('90m').getMinutes()", 92),
        ("timestamp('2026-01-01T00:30:00Z').getHours('Europe/Berlin')", 1),
    ],
)
def test_the_libraries_of_kubernetes(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("object.spec.missing > 1", "no such key: missing"),
        ("object.spec.nothing.more", "no such key: more"),
        ("object.spec.containers[7]", "index out of bounds: 7"),
        ("object.spec.replicas + 'a'", "no such overload"),
        ("object.spec.replicas / 0", "division by zero"),
        ("9223372036854775807 + object.spec.replicas", "integer overflow"),
        ("optional.none().value()", "optional.none() dereference"),
        ("int('x')", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("object.missing && true", "no such key: missing"),
        ("[2, 2].exists(x, x / (x - 2) > 0)", "division by zero"),
        ("[2].map(x, x / (x - 2))", "division by zero"),
        ("'abc'.substring(5)", "index out of range: 5"),
    ],
)
def test_an_expression_that_cannot_be_evaluated_says_why_in_the_real_words(expression: str, said: str) -> None:
    assert failing(expression) == said


def test_an_endless_expression_is_given_up() -> None:
    numbers = list(range(100))
    expression = "xs.all(a, xs.all(b, xs.all(c, xs.all(d, a + b + c + d >= 0)))) || true"
    with pytest.raises(cel.CelError, match="operation cancelled: actual cost limit exceeded"):
        cel.evaluate(expression, {"xs": numbers})


def test_a_syntax_error_shows_its_place() -> None:
    assert compiling("object.spec.replicas >= 1 and true") == (
        "compilation failed: ERROR: <input>:1:27: Syntax error: mismatched input 'and' expecting <EOF>\n"
        " | object.spec.replicas >= 1 and true\n"
        " | ..........................^"
    )


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("objekt.spec.replicas > 1", "<input>:1:1: undeclared reference to 'objekt' (in container '')"),
        ("missing(1)", "<input>:1:8: undeclared reference to 'missing' (in container '')"),
        ("1 + 'a'", "<input>:1:3: found no matching overload for '_+_' applied to '(int, string)'"),
        ("quantity(1)", "<input>:1:9: found no matching overload for 'quantity' applied to '(int)'"),
        ("self.replicsa > 1", "<input>:1:5: undefined field 'replicsa'"),
        ("self.replicas > 'a'", "<input>:1:15: found no matching overload for '_>_' applied to '(int, string)'"),
        ("self.name.x", "<input>:1:10: type 'string' does not support field selection"),
        ("self.ports.all(p, p.nmae == 'a')", "<input>:1:20: undefined field 'nmae'"),
        ("self.replicas.all(x, true)", "<input>:1:5: expression of type 'int' cannot be range of a comprehension"),
        ("has(object)", "<input>:1:5: invalid argument to has() macro"),
    ],
)
def test_a_type_error_shows_its_place(expression: str, said: str) -> None:
    schema = {
        "type": "object",
        "properties": {
            "replicas": {"type": "integer"},
            "name": {"type": "string"},
            "ports": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        },
    }
    assert compiling(expression, self=schema).startswith(f"compilation failed: ERROR: {said}")


def test_a_schema_tells_what_a_variable_has() -> None:
    schema = {
        "type": "object",
        "properties": {
            "since": {"type": "string", "format": "date-time"},
            "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
            "foo-bar": {"type": "string"},
            "port": {"x-kubernetes-int-or-string": True},
        },
    }
    program = cel.compile(
        "self.since.getFullYear() == 2026 && self.limits.all(k, self.limits[k] > 0) && self.foo__dash__bar == 'x' "
        "&& self.port == 80",
        {"self": escaped_schema(schema)},
    )
    given = {"since": "2026-01-01T00:00:00Z", "limits": {"a": 1}, "foo-bar": "x", "port": 80}
    assert program.result == "bool"
    assert program.evaluate({"self": typed(schema, given)}) is True


def test_objects_are_written_with_their_types() -> None:
    program = cel.compile('Object{spec: Object.spec{replicas: object.spec.replicas + 1}, kind: "X"}', {"object": "dyn"})
    made = program.evaluate({"object": DEPLOYMENT})
    assert isinstance(made, Message) and made.type_name == "Object"
    assert made.fields["spec"] == Message("Object.spec", {"replicas": 4})


def test_an_error_inside_a_typed_object_stands_where_it_was_written() -> None:
    assert compiling("Object{spec: Object.spec{replicas: foo}}") == (
        "compilation failed: ERROR: <input>:1:36: undeclared reference to 'foo' (in container '')\n"
        " | Object{spec: Object.spec{replicas: foo}}\n"
        " | ...................................^"
    )


def test_the_authorizer_is_asked_what_the_expression_says() -> None:
    asked: list[Question] = []

    def decide(question: Question) -> tuple[bool, str]:
        asked.append(question)
        return question.verb == "create", "because"

    expression = "authorizer.group('').resource('pods').namespace('x').check('create').allowed()"
    program = cel.compile(expression, {"authorizer": "Authorizer"})
    assert program.evaluate({"authorizer": Authorizer(decide)}) is True
    assert asked == [Question("create", resource="pods", namespace="x")]


def test_a_process_without_expressions_does_not_load_the_parser() -> None:
    script = "import sys\nimport cluster.machinery.cel\nassert 'cel_expr_python' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
