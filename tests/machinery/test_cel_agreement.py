"""Our evaluator gives what Google's own gives, wherever the language is the same."""

from __future__ import annotations

import math
from typing import Any

import pytest
from cel_expr_python import cel as google
from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings

from cluster.machinery import cel

OBJECT = {
    "spec": {
        "replicas": 3,
        "f": 1.5,
        "z": None,
        "c": [{"image": "nginx", "n": 1}, {"image": "redis", "n": 2}],
        "s": "héllo",
        "b": True,
        "neg": -7,
    },
    "metadata": {"labels": {"b": "1", "a": "2"}},
}
EXPRESSIONS = r"""
object.spec.replicas / 2
object.spec.neg / 2
object.spec.neg % 3
-5 % 3
5 % -3
object.spec.f * 2.0
object.spec.f / 0.0
1.0 / 3.0
string(1.0/3.0)
string(123456.0)
string(1234567.0)
string(0.0001)
string(0.00001)
string(-1.5e300)
string(100u)
double('1e3')
int(-2.9)
int(2.5)
uint(3.7)
int('007')
'abc' < 'abd'
'a' + 'é'
size('héllo')
object.spec.s.size()
object.spec.s.substring(1,3)
object.spec.s.charAt(1)
'tacocat'.indexOf('ac', 3)
'tacocat'.lastIndexOf('ac', 3)
'tacocat'.lastIndexOf('')
'tacocat'.indexOf('')
'a,b,c'.split(',', 2)
'a,b,c'.split(',', 0)
'abc'.split('')
'abc'.split('', 2)
'hello hello'.replace('he','we',1)
'hello'.replace('','_')
['a','b'].join('-')
' \t x '.trim()
'%s'.format([[1,'a',1.5,true,null]])
'%s'.format([{'b':1,'a':2}])
'%d %x %X %o %b'.format([255,255,255,8,5])
'%.3f %e'.format([1.23456, 12345.678])
'%f'.format([1.5])
'%x'.format(['hello'])
'%s'.format([duration('90m')])
'%s'.format([timestamp('2024-01-01T00:00:00Z')])
'%s'.format([1.0])
'%s %%'.format(['x'])
strings.quote('a\nb"c')
timestamp('2024-02-29T12:00:00Z').getDayOfYear()
timestamp('2024-02-29T12:00:00Z').getDayOfWeek()
timestamp('2024-02-29T12:00:00Z').getDayOfMonth()
timestamp('2024-02-29T12:00:00Z').getDate()
timestamp('2024-02-29T12:00:00Z').getHours('America/New_York')
timestamp('2024-02-29T12:00:00Z').getHours('+05:30')
string(timestamp('2024-02-29T12:00:00Z') + duration('1h30m'))
string(duration('1h1ms'))
duration('1h').getSeconds()
timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')
int(timestamp('1970-01-01T00:01:00Z'))
object.spec.c.map(x, x.n)
object.spec.c.filter(x, x.n > 1).size()
object.spec.c.exists(x, x.image == 'redis')
object.spec.c.exists_one(x, x.n > 0)
object.spec.c.all(x, x.n > 1)
object.spec.c.map(x, x.n > 1, x.image)
[1,2,3].exists(x, x / (x - 2) > 0)
[2,2].all(x, x / (x - 2) > 0)
object.missing == 1 || true
true || 1/0 > 0
1/0 > 0 && false
has(object.spec.z)
has(object.spec.nope)
object.spec.z == null
object.spec.b == true
object.spec.replicas == 3.0
[1, 2] == [1.0, 2.0]
{'a': 1} == {'a': 1.0}
dyn([1]) == dyn('a')
1 in [1.0, 2.0]
'a' in object.metadata.labels
dyn(1) != dyn('1')
b'abc' + b'd' == b'abcd'
bytes('é').size()
string(b'abc')
type(1) == int
type([]) == list
type(object.spec) == map
type(null) == null_type
type(1.0) == double
type('a') == string
cel.bind(x, 5, x * x)
object.?spec.?replicas.orValue(0)
object.?spec.?nope.?deeper.orValue('d')
optional.of(1).or(optional.of(2)).value()
optional.none().orValue(3)
optional.ofNonZeroValue('').hasValue()
{'a': optional.of(1)}.size()
[?optional.none(), 1].size()
{?'a': optional.none()}.size()
object.spec.c[?5].hasValue()
optional.of([1,2])[?1].value()
optional.of({'a':{'b':1}}).a.b.value()
optional.of(5).optMap(x, x + 1).value()
'abc'.matches('b')
'abc'.matches('^b')
matches('foobar', 'fo+b[ae]r')
'a\nb'.matches('a.b')
'ABC'.matches('(?i)abc')
!object.spec.b
object.spec.b ? 1 : 2
-object.spec.neg
"\u00e9" == 'é'
r'\d'.size()
0x1F + 1
1e3 == 1000.0
{1: 'a', 'b': 2}[1]
[[1,2],[3]][0][1]
bool('true')
bool('1')
'héllo'.reverse()
'ÀÉ abc'.upperAscii()
2147483648 * 2147483648
9223372036854775807 * 2
-9223372036854775808 / -1
5u - 6u
double('inf') > 1.0
[1,2,3].map(x, [x]).filter(y, y[0] > 1).size()
[].all(x, false)
[1].exists(x, x == 1.0)
'a' == 'a' && 'b' != 'a'
object.spec.c[0].image.startsWith('ng')
object.spec.c[-1]
object.spec.c[1.0].n
object.spec.c['a']
object['spec']['replicas']
size({})
size([1,[2,3]])
"""
ERROR = "an error"


@pytest.fixture(scope="module")
def library() -> Any:
    extensions = [ext_strings.ExtStrings(), ext_optional.ExtOptional(), ext_bindings.ExtBindings()]
    return google.NewEnv(variables={"object": google.Type.DYN}, extensions=extensions)


def ours(expression: str) -> Any:
    try:
        return cel.evaluate(expression, {"object": OBJECT})
    except (cel.CelError, cel.CompileError):
        return ERROR


def theirs(library: Any, expression: str) -> Any:
    try:
        found = library.compile(expression).eval(data={"object": OBJECT})
    except RuntimeError:
        return ERROR
    return ERROR if found.type().name() == "ERROR" else found.plain_value()


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_an_expression_gives_what_the_library_gives(library: Any, expression: str) -> None:
    mine, its = ours(expression), theirs(library, expression)
    if isinstance(its, float) and math.isnan(its):
        assert math.isnan(mine)
        return
    assert mine == (bytes(its) if isinstance(its, bytearray) else its)
    assert isinstance(mine, bool) == isinstance(its, bool)
