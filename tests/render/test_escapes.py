"""Whoever writes a template gets the values of the mail and an error: no object behind them, and no second of time."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.errors import TemplateError
from digest.models import Email
from digest.render import Renderer
from digest.render.blame import blame
from digest.render.manuscript import FILTERS
from digest.render.sandbox import OFFERED, Sandbox
from digest.render.variables import variables
from tests.factories import make_pick, make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, issue_of, newsletter

SECRET = "the-secret-of-this-module"


class Loot:
    """What lies behind an attribute of the canary. Whoever does anything with it is written down."""

    touched: list[str] = []  # noqa: RUF012 - it is one list for all of them

    def __getattribute__(self, name: str) -> Any:
        Loot.touched.append(name)
        return Loot()

    def __getitem__(self, key: object) -> Any:
        Loot.touched.append(f"[{key}]")
        return Loot()

    def __call__(self, *args: object, **kwargs: object) -> Any:
        Loot.touched.append("()")
        return Loot()

    def __str__(self) -> str:
        Loot.touched.append("str")
        return SECRET


class Canary:
    """An object that got into a template by mistake."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") and name not in {"__class__", "__init__", "__dict__", "__globals__", "__mro__"}:
            return object.__getattribute__(self, name)
        return object.__getattribute__(self, name) if name == "__class__" else Loot()

    def __str__(self) -> str:
        return SECRET


def function() -> str:
    """Holds this module, and with it the secret, in its `__globals__`."""
    return SECRET


def write(source: str, folder: Path, name: str = "t.html", **context: Any) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(source, encoding="utf-8")
    values: dict[str, Any] = {**variables(newsletter(), 3, issue_of(3), LINKS), **context}
    with blame(folder, folder / name, offers=(*OFFERED, *FILTERS)):
        sandbox = Sandbox(folder, values, FILTERS)
        return sandbox.write(sandbox.get_template(name), values)


ON_A_CANARY = [
    "{{ canary }}",
    "{{ canary ~ '' }}",
    "{{ canary|upper }}",
    "{{ canary|e }}",
    "{{ canary|string }}",
    "{{ [canary]|join }}",
    "{{ [canary]|map('upper')|join }}",
    "{{ '{a}'|fill(a=canary) }}",
    "{{ 'a'|replace('a', canary) }}",
    "{{ 'a'|wrap(72, canary) }}",
    "{{ canary.__init__.__globals__ }}",
    "{{ canary['__init__']['__globals__'] }}",
    "{{ canary['__in' ~ 'it__'] }}",
    "{{ canary[['__', 'init', '__']|join].x }}",
    "{{ canary['\\x5f\\x5finit\\x5f\\x5f'].x }}",
    "{{ canary.__dict__.x }}",
    "{{ canary|attr('__init__') }}",
    "{{ [canary]|map(attribute='__init__')|list|first }}",
    "{{ [canary]|map(attribute='__init__.__globals__')|list|first }}",
    "{{ [canary]|map('attr', '__init__')|list }}",
    "{{ ([canary]|sort(attribute='__init__'))[0].__init__ }}",
    "{{ ([canary]|groupby('__init__'))[0][0].x }}",
    "{{ ([canary]|selectattr('__init__.__globals__')|list)[0] }}",
    "{{ ([canary]|rejectattr('__init__.__globals__')|list)[0] }}",
    "{{ [canary]|sum(attribute='__init__') }}",
    "{{ [canary]|unique(attribute='__init__')|first }}",
    "{{ [canary]|max(attribute='__init__') }}",
    "{{ [canary]|join(attribute='__init__') }}",
    "{{ ({'x': canary}|dictsort)[0][1].__init__.x }}",
    "{{ canary|xmlattr }}",
    "{{ {'x': canary}|xmlattr }}",
    "{{ canary|tojson }}",
    "{{ canary|pprint }}",
    "{{ '{0.__init__}'.format(canary) }}",
    "{{ '{a.__init__.__globals__}'.format(a=canary) }}",
    "{{ '{x.__init__}'.format_map({'x': canary}) }}",
    "{% set f = '{0.__init__}'.format %}{{ f(canary) }}",
    "{{ ['{0.__init__}']|map('format', canary)|join }}",
    "{{ ('{0.__init__}'|attr('format'))(canary) }}",
    "{{ '%s' % canary }}",
    "{{ '%(x)s' % {'x': canary} }}",
    "{{ '%s'|format(canary) }}",
    "{% set ns = namespace(x=canary) %}{{ ns.x.__init__.x }}",
    "{% macro m() %}{{ varargs[0].__init__.x }}{% endmacro %}{{ m(canary) }}",
    "{% macro m() %}{{ kwargs.a.__init__.x }}{% endmacro %}{{ m(a=canary) }}",
    "{% macro m() %}{{ caller(canary) }}{% endmacro %}{% call(c) m() %}{{ c.__init__.x }}{% endcall %}",
    "{% for c in [canary] %}{{ loop.previtem }}{{ c.__init__.x }}{% endfor %}",
    "{% with c = canary %}{{ c.__init__.x }}{% endwith %}",
    "{% set newsletter = canary %}{{ newsletter.__init__.x }}",
    "{{ canary.__ｉnit__.x }}",
    "{{ canary['__ｉnit__'].x }}",
    "{{ function.__globals__.SECRET }}",
    "{{ function['__globals__']['SECRET'] }}",
    "{{ function.func_globals }}",
    "{{ function.__code__.co_consts }}",
    "{{ function }}",
]

ON_WHAT_IS_THERE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__mro__'] }}",
    "{{ ().__class__.__base__.__subclasses__() }}",
    "{{ [].__class__.__base__ }}",
    "{{ {}.__class__ }}",
    "{{ (1).__class__ }}",
    "{{ (1.5).as_integer_ratio }}",
    "{{ true.__class__ }}",
    "{{ none.__class__ }}",
    "{{ newsletter|attr('__class__') }}",
    "{{ newsletter.items().mapping.__class__ }}",
    "{{ newsletter.copy() }}",
    "{{ newsletter.title.__class__ }}",
    "{{ newsletter.title.encode() }}",
    "{{ newsletter.title.translate({}) }}",
    "{{ (newsletter.title|e).unescape() }}",
    "{{ (newsletter.title|e).__html__() }}",
    "{{ (newsletter.title|e).format }}",
    "{{ lead.title|string|mro }}",
    "{{ str.mro() }}",
    "{{ namespace.mro() }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ namespace }}",
    "{{ namespace()|upper }}",
    "{{ range }}",
    "{{ range.__globals__ }}",
    "{{ range.__wrapped__ }}",
    "{{ range(3).__class__ }}",
    "{{ range(3) }}",
    "{{ lipsum }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ dict.__class__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__dict__ }}",
    "{{ self }}",
    "{% block b %}{{ self.b.__init__ }}{% endblock %}",
    "{% block b %}{{ self.b._context }}{% endblock %}",
    "{% block b %}{{ super.__init__ }}{% endblock %}",
    "{{ context }}",
    "{{ environment }}",
    "{{ resolve('newsletter') }}",
    "{{ request.application.__globals__ }}",
    "{{ config }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ __import__('os') }}",
    "{{ __builtins__ }}",
    "{{ __name__ }}",
    "{% for x in posts %}{{ loop._iterator }}{% endfor %}",
    "{% for x in posts %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in posts %}{{ loop }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "{% macro m() %}{% endmacro %}{{ m.__call__.__globals__ }}",
    "{% macro m() %}{{ caller._func }}{% endmacro %}{% call m() %}{% endcall %}",
    "{{ (posts|map(attribute='title')).gi_frame.f_globals }}",
    "{{ (posts|map(attribute='title')).gi_code }}",
    "{{ (posts|select).gi_frame.f_back }}",
    "{{ (posts|map(attribute='title')).cr_frame }}",
    "{{ posts|map('attr', '__class__')|list }}",
    "{{ posts|map(attribute='title.__class__')|list|first }}",
    "{{ posts|map(attribute='__class__')|join }}",
    "{{ posts|groupby('__class__')|list|first }}",
    "{{ posts|map('xmlattr')|join }}",
    "{{ lead.title|safe }}",
    "{{ lead.title|mark_safe }}",
    "{{ lead.title|forceescape }}",
    "{{ lead|filesizeformat }}",
    "{{ 'a'|random }}",
    "{% debug %}",
    "{% do posts.append(1) %}",
    "{% trans %}x{% endtrans %}",
    "{% break %}",
    "{% async for x in posts %}{% endfor %}",
    "{% for x in posts %}{{ await x }}{% endfor %}",
    "{% include '../secret.txt' %}",
    "{% include '/etc/passwd' %}",
    "{% include 'a/../../secret.txt' %}",
    "{% include '..\\\\secret.txt' %}",
    "{% include '%2e%2e/secret.txt' %}",
    "{% include 'link.txt' %}",
    "{% include 'linked/secret.txt' %}",
    "{% include ['nothing.txt', '../secret.txt'] %}",
    "{% set file = '../secret' ~ '.txt' %}{% include file %}",
    "{% include 'a\\x00b' %}",
    "{% import '../secret.txt' as x with context %}{{ x }}",
    "{% import 'other.html' as other with context %}{{ other }}",
    "{% import 'other.html' as other with context %}{{ other.__dict__ }}",
    "{% import 'other.html' as other with context %}{{ other.__init__.__globals__ }}",
    "{% import 'other.html' as other with context %}{{ other._body_stream }}",
    "{% from 'other.html' import __name__ %}",
    "{% from 'other.html' import m %}{{ m._func.__globals__ }}",
    "{% extends '../secret.txt' %}",
    "{% extends 'link.txt' %}",
    "{{ [-1000000000]|map('_fixed')|join }}",
    "{{ 1|_fixed }}",
    "{{ [1]|_steps|first }}",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A templates folder with a secret beside it, and links that lead there."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (tmp_path / "secret.txt").write_text(SECRET)
    (templates / "link.txt").symlink_to(tmp_path / "secret.txt")
    (templates / "linked").symlink_to(tmp_path)
    (templates / "other.html").write_text("{% macro m() %}m{% endmacro %}")
    return templates


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    Loot.touched.clear()
    yield
    assert Loot.touched == []


def refused(error: TemplateError, file: Path, line: int) -> None:
    assert (error.file, error.line) == (str(file), line)
    assert SECRET not in str(error)
    assert "0x" not in str(error)


@pytest.mark.parametrize("attack", [*ON_A_CANARY, *ON_WHAT_IS_THERE])
def test_nothing_is_reached_through_a_value(attack: str, folder: Path) -> None:
    with pytest.raises(TemplateError) as error:
        write(f"first\n{attack}\n", folder, canary=Canary(), function=function)
    refused(error.value, folder / "t.html", 2)


@pytest.mark.parametrize("name", ["{{ 7 * 7 }}.html", "a'+str(7)+'.html", '"""{7}""".html', "{environment}.html"])
def test_the_name_of_a_file_is_never_a_program(name: str, folder: Path) -> None:
    assert write("{% macro m() %}m{% endmacro %}{{ m() }}{% block b %}b{% endblock %}", folder, name) == "mb"


PLACES = ["weekly/email.html", "weekly/email.txt", "weekly/style.css", "weekly/dark.css", "_macros/posts.html"]
KEYS = ["subject", "preheader", "greeting"]
SHORT = [
    "{{ ''.__class__.__mro__ }}",
    "{{ newsletter|attr('__init__') }}",
    "{{ '{0.__class__}'.format(lead) }}",
    "{{ range.__globals__ }}",
    "{% include '../secret.txt' %}",
    "{{ lipsum.__globals__ }}",
    "{{ posts }}",
    "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    shutil.copytree(COPY, tmp_path / "copy")
    (tmp_path / "secret.txt").write_text(SECRET)
    return tmp_path


def render(project: Path, **changes: Any) -> Email:
    return Renderer(project / "templates", project / "copy").render(newsletter(**changes), 3, issue_of(2), LINKS)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", SHORT)
def test_each_file_of_a_design_is_a_strangers(place: str, attack: str, project: Path) -> None:
    file = project / "templates" / place
    lines = file.read_text(encoding="utf-8").splitlines()
    after = (
        next(
            number
            for number, line in enumerate(lines, 1)
            if line.startswith(("<body", "{{ newsletter.title", "{% macro"))
        )
        if place.endswith(("html", "txt"))
        else 1
    )
    lines.insert(after, attack)
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TemplateError) as error:
        render(project)
    refused(error.value, file, after + 1)


@pytest.mark.parametrize("key", [*KEYS, "link_parameters"])
@pytest.mark.parametrize("attack", SHORT)
def test_each_line_of_a_newsletter_is_a_strangers(key: str, attack: str, project: Path) -> None:
    file = project / "weekly.toml"
    file.write_text("".join(f'{each} = ""\n' for each in KEYS) + '[link_parameters]\nutm_term = ""\n')
    changes: dict[str, Any] = {"file": str(file), key: {"utm_term": attack} if key == "link_parameters" else attack}
    with pytest.raises(TemplateError) as error:
        render(project, **changes)
    refused(error.value, file, 5 if key == "link_parameters" else 1 + KEYS.index(key))


@pytest.mark.parametrize("attack", ["{{ 7 * 191 }}", "{% include 'x' %}", "{newsletter.__class__}", "${7*191}"])
def test_words_tokens_and_posts_are_text_and_never_a_program(attack: str, project: Path) -> None:
    pick = make_pick(title=attack, author=attack, categories=(attack,))
    renderer = Renderer(project / "templates", project / "copy")
    changed = newsletter(title=attack, words={"lead": attack}, design={"footer_note": attack}, greeting="")
    email = renderer.render(changed, 3, make_selection(pick), LINKS)
    for part in (email.html, email.text, email.subject):
        assert "1337" not in part
        assert "class '" not in part


LARGE = "{% set big = 'ab,' * 6000 %}"
BOMBS = {
    "one text": "{{ 'a' * 10 ** 9 }}",
    "a wide field": "{{ '%999999999d' % 1 }}",
    "a wide f-field": "{{ '{:>999999999}'.format(1) }}",
    "digits": "{{ 1|round(1000000000, 'floor') }}",
    "digits before the point": "{{ 7|round(-1000000000) }}",
    "powers": "{{ 2 ** (10 ** 10) }}",
    "a huge range": "{{ range(10 ** 70)|list }}",
    "a loop in a loop": "{% for a in range(999) %}{% for b in range(999) %}{{ a }}{% endfor %}{% endfor %}",
    "a loop over a text": LARGE + "{% for a in big %}{% for b in big %}{% endfor %}{% endfor %}",
    "a macro in itself": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "two macros": "{% macro a() %}{{ b() }}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a caller in itself": "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
    "a block in itself": "{% block b %}{{ self.b() }}{{ self.b() }}{% endblock %}",
    "a tree of blocks": "".join(
        f"{{% block b{n} %}}{{{{ self.b{n + 1}() }}}}{{{{ self.b{n + 1}() }}}}{{% endblock %}}" for n in range(30)
    )
    + "{% block b30 %}{% endblock %}",
    "a file in itself": "{% include 't.html' %}",
    "a file in itself, twice": "{% set n = namespace(x=0) %}{% include 't.html' %}{% include 't.html' %}",
    "a file that extends itself": "{% extends 't.html' %}",
    "an import of itself": "{% import 't.html' as t %}",
    "brackets": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "lists": "{{ " + "[" * 5_000 + "]" * 5_000 + " }}",
    "a long sum": "{{ 1" + " + 1" * 20_000 + " }}",
    "a long not": "{{ " + "not " * 20_000 + "1 }}",
    "a long path": "{{ lead" + ".title" * 20_000 + " }}",
    "many filters": "{{ 'a'" + "|upper" * 20_000 + " }}",
    "many ifs": "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
    "some ifs": "{% if 1 %}" * 110 + "{% endif %}" * 110,
    "many fors": "{% for a in posts %}" * 30 + "x" + "{% endfor %}" * 30,
    "a long file": "x" * 3_000_000,
    "a pair in a pair": "{% set n = namespace(x=(1,)) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}{% endfor %}"
    "{{ n.x|join }}",
    "pairs compared": "{% set n = namespace(x=(1,), y=(1,)) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}"
    "{% set n.y = (n.y, n.y) %}{% endfor %}{{ n.x == n.y }}",
    "arguments in arguments": "{% macro m() %}{% set n.x = varargs %}{% endmacro %}"
    "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{{ m(n.x, n.x) }}{% endfor %}{{ n.x|join }}",
    "spaces in spaces": "{% set n = namespace(x='a') %}{% for i in range(60) %}"
    "{% set n.x = namespace(a=n.x, b=n.x) %}{% endfor %}{{ n.x ~ '' }}",
    "large keys": "{% set k = {'a' * 9000: 1} %}{% set n = namespace(x=k) %}{% for i in range(14) %}"
    "{% set n.x = [n.x, n.x] %}{% endfor %}{{ [n.x]|join }}",
    "a chain of texts": LARGE + "{% set n = namespace(x=0) %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set n.x = namespace(p=n.x, v=big ~ i) %}{% endfor %}{% endfor %}",
    "a chain of slices": LARGE + "{% set n = namespace(x=0) %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set n.x = namespace(p=n.x, v=big[1:]) %}{% endfor %}{% endfor %}",
    "a chain of lists": LARGE + "{% set n = namespace(x=0) %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set n.x = namespace(p=n.x, v=big.split(',')) %}{% endfor %}{% endfor %}",
    "a chain of blocks": "{% set n = namespace(x=0) %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set v %}" + "x" * 90_000 + "{% endset %}{% set n.x = namespace(p=n.x, v=v) %}{% endfor %}{% endfor %}",
    "fixed text in a macro": "{% macro m() %}{% for i in range(900) %}" + "x" * 90_000 + "{% endfor %}{% endmacro %}"
    "{% set y = m() %}",
    "fixed text in a block": "{% set y %}{% for i in range(900) %}" + "x" * 90_000 + "{% endfor %}{% endset %}",
    "fixed text in a filter": "{% filter upper %}{% for i in range(900) %}"
    + "x" * 90_000
    + "{% endfor %}{% endfilter %}",
    "much put together": LARGE + "{{ " + " ~ ".join(["big"] * 9_000) + " }}",
    "lists added up": "{% set l = namespace(v=range(900)|list) %}{% set a = [l, l, l, l, l, l, l, l] %}"
    "{% set a = (a|batch(1)|list) %}{{ a|map('first')|sum(attribute='v', start=[])|length }}",
    "sorted again and again": LARGE + "{% for i in range(900) %}{% for j in range(50) %}{% set x = big|sort %}"
    "{% endfor %}{% endfor %}",
    "looked for again and again": LARGE + "{% set l = big.split(',') %}"
    "{% for i in range(900) %}{% for j in range(50) %}{% set x = 'x' in l or 'y' in l %}{% endfor %}{% endfor %}",
    "counted again and again": LARGE + "{% set l = big|list %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set x = l|max ~ l|min %}{% endfor %}{% endfor %}",
    "mapped again and again": LARGE + "{{ big" + "|map('upper')" * 90 + "|list|length }}",
    "a sort by very many": LARGE + "{{ big|sort(attribute='" + "0," * 40_000 + "0')|length }}",
    "escaped again and again": "{% set n = namespace(x='%&' * 9000) %}{% for i in range(900) %}{% for j in range(50) %}"
    "{% set n.x = n.x|urlencode %}{% endfor %}{% endfor %}",
    "joined": "{% set x = 'a' * 20000 %}{{ range(1000)|join(x) }}",
    "replaced": "{% set x = 'a' * 20000 %}{{ x|replace('a', x) }}",
    "filled": "{% set x = 'a' * 20000 %}{{ ('{a}' * 6000)|fill(a=x) }}",
    "indented": "{% set x = 'a' * 20000 %}{{ ('あ ' * 9000)|wrap(2, x) }}",
    "a name like no other": "{{ {'a' * 9000 ~ 'b': 1}['a' * 9000 ~ 'c'] }}",
    "a million of nothing": "{{ '\u200b' * 19000 ~ 'aaaa'|wrap }}{{ ('\u200b' * 19000 ~ 'a' * 500)|wrap }}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_nothing_grows_without_bound(bomb: str, folder: Path) -> None:
    used, time_used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(TemplateError) as error:
        write(f"first\n{bomb}\n", folder)
    assert time.process_time() - time_used < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < 100_000
    assert error.value.file == str(folder / "t.html")
    assert error.value.line == (1 if len(bomb) > 1_000_000 else 2)
    assert len(str(error.value)) < 1_000


TEXTS = {
    "letters": "a" * 1_000_000,
    "kana": "あ" * 1_000_000,
    "closing brackets": "」" * 1_000_000,
    "opening brackets": "「" * 1_000_000,
    "spaces of no width": "\u200b" * 1_000_000 + "a" * 99,
    "marks": "e" + "\u0301" * 1_000_000 + "a" * 99,
    "emoji": "👩‍👩‍👧‍👦" * 150_000,
    "addresses": "https://a " * 100_000,
    "sentences": "A. " * 330_000,
    "lines": "\n" * 1_000_000,
    "braces": "{" * 1_000_000,
    "tags": "<" * 1_000_000,
    "comments": "<!--" * 250_000,
}
USES = ["breakable", "phrases", "wrap", "wrap(1)", "shorten(999999999)", "shorten(40)", "readable('#ffffff')", "ink"]
USES += ["mix('#ffffff', 50)", "paragraphs", "fill(a=1)"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("use", USES)
def test_a_filter_refuses_a_text_that_would_take_it_long(use: str, text: str, folder: Path) -> None:
    used, time_used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(TemplateError) as error:
        write(f"first\n{{{{ text|{use} }}}}\n", folder, text=text)
    assert time.process_time() - time_used < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used < 100_000
    refused(error.value, folder / "t.html", 2)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("use", [*USES[:6], "striptags", "title", "trim", "urlencode", "e"])
def test_as_much_as_a_filter_takes_it_does_in_a_second(use: str, text: str, folder: Path) -> None:
    time_used = time.process_time()
    lines = "\n".join([text[:4_900]] * 4) if "\n" not in text else text[:9_900] + text[-100:]
    write(f"{{% set x = text|{use} %}}", folder, text=lines)
    assert time.process_time() - time_used < 20
